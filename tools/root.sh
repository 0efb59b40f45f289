# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# The Debian 13 root of the project: made once under $MILLM_CACHE, entered by every verb of ./dev (tools/inside.sh). Sourced by
# ./dev, which sets $here (the sources), $cache and $root.
: "${here:?}" "${cache:?}" "${root:?}"

# packages [LIST]: what the build needs (dev), what tests and packages need besides (test).
packages() { grep -v '^#' "$here/packaging/${1:-dev}-packages.txt" | tr -s ' \n' '\n' | grep -v '^$'; }

# The host's own Debian mirror, so that a machine behind a proxy or with a local mirror stays on it.
mirror() {
    # shellcheck disable=SC1091
    [ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}")" = debian ] || return 0
    awk '/^URIs:/{print $2; exit} /^deb /{for(i=2;i<=NF;i++) if($i ~ /^https?:/){print $i; exit}}' \
        /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -1
}

# ---- who makes it --------------------------------------------------------------------------------

# What dpkg wants an ordinary user to have besides a user namespace: other ids than its own.
has_other_ids() {
    command -v newuidmap >/dev/null && unshare --help | grep -q map-auto &&
        grep -q "^$(id -un):" /etc/subuid && grep -q "^$(id -un):" /etc/subgid
} 2>/dev/null

# How this account makes and changes a root. Sets $maker:
#   mounts  in a namespace: of root, or of a user whose other ids are the account's subordinate ones
#   chroot  root where mounting is forbidden
#   proot   an ordinary user without such a namespace: proot pretends that it is root
choose_maker() {
    [ -z "${maker:-}" ] || return 0
    if as_root; then
        if may_mount; then maker=mounts; else maker=chroot; fi
    elif may_mount && { has_other_ids || ! command -v proot >/dev/null; }; then
        maker=mounts
    else
        maker=proot
    fi
}

# The one line about it, once a call.
say_if_traced() {
    [ -z "${said_traced:-}" ] || return 0
    said_traced=1
    may_mount || say "this account may not mount here: working under proot, which takes half as long again"
}

need_host_tools() {
    local missing=()
    command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
    command -v unshare >/dev/null || missing+=(util-linux)
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
    may_mount || command -v proot >/dev/null || missing+=(proot)
    choose_maker
    if [ $maker = mounts ] && ! as_root; then command -v newuidmap >/dev/null || missing+=(uidmap); fi
    if [ ${#missing[@]} -gt 0 ]; then
        as_root || die "this machine lacks ${missing[*]}; install once: sudo apt-get install ${missing[*]}"
        command -v apt-get >/dev/null || die "this machine lacks ${missing[*]}: install them with its package manager"
        say "installing ${missing[*]} on this machine"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$cache/host-tools.log" 2>&1 ||
            { tail -20 "$cache/host-tools.log" >&2; die "installing ${missing[*]} failed: $cache/host-tools.log"; }
    fi
    if [ $maker = mounts ] && ! as_root && ! has_other_ids; then
        unshare --help | grep -q map-auto || die "util-linux here is older than 2.38 (unshare --map-auto). Install proot, or use MILLM_DEV_NATIVE=1"
        die "this account has no subordinate ids: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un). Or install proot"
    fi
}

# CMD with the rights to make and change a root: of this machine's root, or of a user namespace whose root is this account and
# whose other users are its subordinate ids. Most of an ordinary user's root then belongs to the account itself, so that it lies
# in a closed home and goes away with it.
administer() {
    choose_maker
    case $maker in
        mounts) if as_root; then unshare -m "$@"; else unshare --map-root-user --map-auto -m "$@"; fi;;
        *) "$@";;
    esac
}

# ---- making and changing -------------------------------------------------------------------------

# missing_packages PACKAGE…: those that are not in the root.
missing_packages() {
    local package info=$root/var/lib/dpkg/info machine=amd64
    [ "$HOSTTYPE" = x86_64 ] || machine=arm64
    for package in "$@"; do
        [ -e "$info/$package.list" ] || [ -e "$info/$package:$machine.list" ] || printf '%s\n' "$package"
    done
}

# The root's two marks: root.stamp, younger than what was last added; root.changing, while packages are being added.
has_packages() { [ -e "$root.stamp" ] && [ ! -e "$root.changing" ] && [ -z "$(missing_packages "$@")" ]; }

# Makes the root where it is not there yet, and adds what packaging/dev-packages.txt names since; with $want_all also what tests
# need. Prints nothing when there is nothing to do, and does nothing under whoever is at it already ($root_is_made).
make_root() {
    [ -z "${root_is_made:-}" ] || return 0
    local wanted
    mapfile -t wanted < <(wanted_packages)
    need_packages "${wanted[@]}"
}

wanted_packages() { packages; [ -z "${want_all:-}" ] || packages test; }

has_wanted_packages() {
    local wanted
    mapfile -t wanted < <(wanted_packages)
    has_packages "${wanted[@]}"
}

# need_packages PACKAGE…: sees to it that they are in the root.
need_packages() {
    in_root || return 0
    ! has_packages "$@" || return 0
    [ -z "${MILLM_IN_ROOT:-}" ] || die "this wants $(missing_packages "$@" | tr '\n' ' '): call it from outside of ./dev shell"
    mkdir -p "$cache"
    (
        # First runs side by side make one root.
        flock 9
        has_packages "$@" || bring_packages "$@"
    ) 9>"$root.lock"
}

bring_packages() {
    need_host_tools
    say_if_traced
    if [ -e "$root.stamp" ] && may_change_root; then
        local missing
        mapfile -t missing < <(missing_packages "$@")
        say "adding ${#missing[@]} packages to the Debian ${suite:-13} root"
        touch "$root.changing"
        install_there "$root" "${missing[@]}"
    else
        [ ! -e "$root.stamp" ] || say "the Debian ${suite:-13} root was made with rights that this account has no more: making it anew"
        say "making a Debian ${suite:-13} root in $root (once: a minute or three, up to 3 GB)"
        rm -f "$root.stamp"
        remove_tree "$root"
        remove_tree "$root.new"
        if [ $maker = proot ]; then make_as_user "$@"; else debootstrap_root "$@"; fi
        touch "$root.new"/etc/{ssl/certs/host-ca.crt,resolv.conf,hosts}
        mv "$root.new" "$root"
    fi
    touch "$root.stamp"
    rm -f "$root.changing"
}

# A root with files of subordinate ids can be changed only by who has them.
may_change_root() {
    choose_maker
    [ $maker != proot ] || [ -z "$(find "$root/var" -maxdepth 4 ! -user "$(id -u)" -print -quit)" ]
}

# logged WORDS CMD…: CMD with its output in the root's log and its steps on the screen.
logged() {
    local words=$1
    shift
    { "$@" 2>&1 </dev/null; } 9>&- | watch_root "$root.log" || { tail -20 "$root.log" >&2; die "$words failed; all of it is in $root.log"; }
}

mmdebstrap_options() {
    local proxy
    options=(--variant=minbase --keyring="${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}" --verbose --aptopt='APT::Install-Recommends "false"')
    proxy=$(apt-config dump Acquire::http::Proxy 2>/dev/null | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p')
    # A mirror may lag behind a suite that moves.
    [ -z "${suite:-}" ] || options+=(--aptopt='Acquire::Check-Valid-Until "false"')
    [ -z "$proxy" ] || options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")
}

dpkg_options='path-exclude=/usr/share/man/*
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
force-unsafe-io'

debootstrap_root() {
    local options option
    mmdebstrap_options
    while IFS= read -r option; do options+=(--dpkgopt="$option"); done <<<"$dpkg_options"
    # shellcheck disable=SC2046
    logged "making the root" administer mmdebstrap --mode=root --skip=cleanup/apt/lists "${options[@]}" \
        --include="$(IFS=,; echo "$*")" "${suite:-trixie}" "$root.new" $(mirror)
}

# What debootstrap does in two steps, for an account that can be no other: unpack what dpkg needs to run, then let dpkg and apt
# install it and the rest, while proot pretends that each owner is the one that they set.
make_as_user() {
    local options
    mmdebstrap_options
    # shellcheck disable=SC2046
    logged "making the root" mmdebstrap --mode=chrootless --skip=cleanup "${options[@]}" --variant=extract \
        --include='?essential' --include=apt --include=ca-certificates --include=debian-archive-keyring "${suite:-trixie}" "$root.new" $(mirror)
    echo "$dpkg_options" >"$root.new/etc/dpkg/dpkg.cfg.d/millm"
    logged "making the root" as_if_root "$root.new" bash -c 'cd /var/cache/apt/archives && dpkg --install --force-depends *.deb && apt-get clean'
    install_there "$root.new" mount "$@"  # which the other ways have from the start
}

# as_if_root ROOT CMD…: CMD in ROOT as its root, to this account's mind.
as_if_root() {
    local there=$1
    shift
    [ ! -e /etc/resolv.conf ] || cat /etc/resolv.conf >"$there/etc/resolv.conf"
    export DEBIAN_FRONTEND=noninteractive PATH=$PATH:/usr/sbin:/sbin LANG=C.UTF-8
    case $maker in
        mounts) administer bash -c 'set -e
            there=$1
            shift
            mount --rbind /proc "$there/proc"
            mount --rbind /dev "$there/dev"
            mount -t tmpfs tmpfs "$there/tmp"
            exec chroot "$there" "$@"' _ "$there" "$@";;
        chroot) chroot "$there" "$@";;
        proot) perl "$here/tools/proot.pl" "$(command -v proot)" -0 -r "$there" -b /proc -b /dev -b /sys -w / -- "$@";;
    esac
}

# install_there ROOT PACKAGE…: apt-get install in it. What an install left half done is finished first.
install_there() {
    local there=$1
    shift
    (cd / && logged "adding packages" as_if_root "$there" sh -c \
        'dpkg --configure -a &&
         install() { apt-get install -y -q --no-install-recommends "$@"; } &&
         # Lists that this root has just been made with need not be fetched again.
         { { [ -n "$(find /var/lib/apt/lists -name "*_Packages*" -cmin -60 -print -quit)" ] && install "$@"; } ||
             { apt-get update -q && install "$@"; }; } && apt-get clean' sh "$@")
}

# Removes a tree, with what subordinate ids own in it; where they can't be had any more, it moves out of the way.
remove_tree() {
    [ -e "$1" ] || return 0
    administer rm -rf --one-file-system "$1" 2>/dev/null && return
    local left
    left=$(mktemp -u "$1.left-XXXX")
    mv "$1" "$left" && say "$left has files of other ids than this account's; to be rid of it: sudo rm -rf $left"
}
