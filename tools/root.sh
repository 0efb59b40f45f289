# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# The Debian 13 root of the project: made once under $MILLM_CACHE, entered by every verb of ./dev. Sourced by ./dev, which sets
# $here (the sources), $cache and $root.
: "${here:?}" "${cache:?}" "${root:?}"
#
# As root and as an ordinary user alike the inside is a private mount namespace: an empty tmpfs that gets the root's usr, etc
# and var, and of the host its devices, its home, its /tmp and the source tree. Nothing is mounted where others could see it,
# nothing of the root is a mount point, and each step replaces the one before it (exec), so that signals and exit statuses
# reach the caller as if there were no root.

packages() { grep -v '^#' "$here/packaging/dev-packages.txt" | tr -s ' \n' '\n' | grep -v '^$'; }

root_stamp() { packages | sort | sha256sum | cut -c1-16; }

as_root() { [ "$(id -u)" = 0 ]; }

# The host's own Debian mirror, so that a machine behind a proxy or with a local mirror stays on it.
mirror() {
    # shellcheck disable=SC1091
    [ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}")" = debian ] || return 0
    awk '/^URIs:/{print $2; exit} /^deb /{for(i=2;i<=NF;i++) if($i ~ /^https?:/){print $i; exit}}' \
        /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -1
}

need_host_tools() {
    local missing=()
    command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
    command -v unshare >/dev/null || missing+=(util-linux)
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
    as_root || command -v newuidmap >/dev/null || missing+=(uidmap)
    if [ ${#missing[@]} -gt 0 ]; then
        as_root || die "this machine lacks ${missing[*]}; install once: sudo apt-get install ${missing[*]}"
        command -v apt-get >/dev/null || die "this machine lacks ${missing[*]}: install them with its package manager"
        say "installing ${missing[*]} on this machine"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$cache/host-tools.log" 2>&1 ||
            { tail -20 "$cache/host-tools.log" >&2; die "installing ${missing[*]} failed: $cache/host-tools.log"; }
    fi
    if as_root; then
        unshare -m true 2>/dev/null || die "this account may not make a mount namespace (a container without CAP_SYS_ADMIN?): use another machine, or MILLM_DEV_NATIVE=1 with the host's own Qt and libtorch"
    else
        unshare --help | grep -q map-auto || die "util-linux here is older than 2.38 (unshare --map-auto): use a newer system, or MILLM_DEV_NATIVE=1"
        unshare -Ur true 2>/dev/null || die "user namespaces are switched off for ordinary users here. Ubuntu: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; others: sysctl user.max_user_namespaces. Or MILLM_DEV_NATIVE=1 with the host's own Qt and libtorch"
        if ! grep -q "^$(id -un):" /etc/subuid || ! grep -q "^$(id -un):" /etc/subgid; then
            die "this account has no subordinate ids: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
        fi
    fi
}

# Makes the root where it is not there yet, and adds what packaging/dev-packages.txt names since. Prints nothing when there is
# nothing to do.
make_root() {
    local stamp
    stamp=$(root_stamp)
    [ "$(cat "$root.stamp" 2>/dev/null || true)" = "$stamp" ] && return 0
    mkdir -p "$cache"
    (
        # First runs side by side make one root.
        flock 9
        [ "$(cat "$root.stamp" 2>/dev/null || true)" != "$stamp" ] || exit 0
        need_host_tools
        if [ -e "$root.stamp" ]; then
            say "adding packages to the Debian 13 root"
            # shellcheck disable=SC2046
            install_in_root $(packages)
        else
            debootstrap_root
        fi
        echo "$stamp" >"$root.stamp"
    ) 9>"$root.lock"
}

# CMD with the rights to make and change a root: of this machine's root, or of a user namespace whose root is this account and
# whose other users are its subordinate ids. Most of an ordinary user's root then belongs to the account itself, so that it lies
# in a closed home and goes away with it.
administer() {
    if as_root; then unshare -m "$@"; else unshare --map-root-user --map-auto -m "$@"; fi
}

debootstrap_root() {
    say "making a Debian 13 root in $root (once: a minute or three, 3 GB)"
    remove_tree "$root"
    remove_tree "$root.new"
    local options=(--variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg --skip=cleanup/apt/lists
        --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*'
        --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt=force-unsafe-io
        --customize-hook='touch "$1/etc/ssl/certs/host-ca.crt" "$1/etc/resolv.conf" "$1/etc/hosts"')
    local proxy
    proxy=$(apt-config dump Acquire::http::Proxy 2>/dev/null | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p')
    [ -z "$proxy" ] || options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")
    # shellcheck disable=SC2046
    administer mmdebstrap --mode=root "${options[@]}" --include="$(packages | tr '\n' ',' | sed 's/,$//')" trixie "$root.new" $(mirror) >"$root.log" 2>&1 9>&- ||
        { tail -20 "$root.log" >&2; die "making the root failed; all of it is in $root.log"; }
    mv "$root.new" "$root"
}

# apt-get install inside the root, with the rights of the root's own root.
install_in_root() {
    local script='set -e
        root=$1; shift
        mount --rbind /proc "$root/proc"; mount --rbind /dev "$root/dev"
        mount -t tmpfs tmpfs "$root/tmp"
        [ ! -e /etc/resolv.conf ] || mount --bind "$(readlink -f /etc/resolv.conf)" "$root/etc/resolv.conf"
        export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
        chroot "$root" apt-get update -qq
        chroot "$root" apt-get install -y -qq --no-install-recommends "$@"'
    (cd / && administer bash -c "$script" _ "$root" "$@") >"$root.log" 2>&1 9>&- ||
        { tail -20 "$root.log" >&2; die "adding packages failed; all of it is in $root.log"; }
}

# Packages that only one verb wants: installed on its first use.
need_packages() {
    in_root || return 0
    local package missing=()
    for package in "$@"; do [ -e "$root/var/lib/dpkg/info/$package.list" ] || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ -z "${MILLM_IN_ROOT:-}" ] || die "this wants ${missing[*]}: call it from outside of ./dev shell"
    say "adding ${missing[*]} to the Debian 13 root"
    (flock 9 && install_in_root "${missing[@]}") 9>"$root.lock"
}

remove_tree() {
    [ -e "$1" ] || return 0
    administer rm -rf --one-file-system "$1"
}

in_root() { [ "${MILLM_DEV_NATIVE:-0}" != 1 ]; }

# ---- entering ------------------------------------------------------------------------------------

# What passes from the host's environment: names, and prefixes that end in *. Paths of the host's own plugins must not.
readonly passed_names='DISPLAY WAYLAND_DISPLAY XDG_RUNTIME_DIR XDG_DATA_HOME XDG_CONFIG_HOME XDG_CURRENT_DESKTOP XDG_SESSION_TYPE XAUTHORITY
    DBUS_SESSION_BUS_ADDRESS TERM COLORTERM CI USER LOGNAME HOME HF_* MODEL_CACHE_DIR DATABASE_URL AUTO_LOAD_MODEL CUDA_VISIBLE_DEVICES
    NVIDIA_VISIBLE_DEVICES http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY OPENBLAS_* OMP_* MKL_* MILLM_* QT_* QML_* QSG_*
    CTEST_* CUDACXX TORCH_CUDA_ARCH_LIST NINJA_STATUS ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS LSAN_OPTIONS SOURCE_DATE_EPOCH'

keep_passed_environment() {
    local name pattern keep
    set -f
    for name in $(compgen -e); do
        keep=
        # shellcheck disable=SC2254
        for pattern in $passed_names; do case $name in $pattern) keep=1; break;; esac; done
        case $name in QT_PLUGIN_PATH|QT_QPA_PLATFORM_PLUGIN_PATH|QML_IMPORT_PATH|QML2_IMPORT_PATH) keep=;; esac
        [ -n "$keep" ] || unset "$name"
    done
    set +f
}

caches_environment() {
    export CARGO_HOME=$cache/cargo npm_config_cache=$cache/npm PIP_CACHE_DIR=$cache/pip CCACHE_DIR=$cache/ccache CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-8G}
    # Clones in different folders share the compiler's cache.
    export CCACHE_BASEDIR=$here CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
}

# The host's NVIDIA libraries, if it has the driver: they must be the ones of its kernel module.
gpu_libraries() {
    [ -e /dev/nvidiactl ] || return 0
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | awk '/x86-64|AArch64/ && $1 ~ /^lib(cuda|nvcuvid|nvidia-.*|(GLX|EGL|GLESv1_CM|GLESv2)_nvidia)\.so/{print $NF}' | sort -u
}

# enter CMD…: replaces this shell by CMD inside the root, in the current folder, as the same user.
enter() {
    local certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt} show=${MILLM_SHOW:-} user gpu
    user="$(id -u):$(id -g)"
    gpu=$(gpu_libraries)
    mkdir -p "$cache/inside"
    if ! as_root; then
        # The account's name: initdb and others ask for it.
        { grep -v "^[^:]*:[^:]*:$(id -u):" "$root/etc/passwd"; echo "$(id -un):x:$user:$(id -un):$HOME:/bin/bash"; } >"$cache/passwd.$$"
        mv -f "$cache/passwd.$$" "$cache/passwd"
        { grep -v "^[^:]*:[^:]*:$(id -g):" "$root/etc/group"; echo "$(id -gn):x:$(id -g):"; } >"$cache/group.$$"
        mv -f "$cache/group.$$" "$cache/group"
    fi
    local folders=("$HOME" "$here" "$cache" "$PWD")
    [ -z "${XAUTHORITY:-}" ] || folders+=("$(dirname "$XAUTHORITY")")
    # shellcheck disable=SC2206
    folders+=($show)
    keep_passed_environment
    caches_environment
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 MILLM_IN_ROOT=1 MILLM_CACHE=$cache
    if [ -e "$certificates" ]; then
        export {SSL_CERT_FILE,CARGO_HTTP_CAINFO,NODE_EXTRA_CA_CERTS,PIP_CERT,REQUESTS_CA_BUNDLE,GIT_SSL_CAINFO}=/etc/ssl/certs/host-ca.crt
    fi
    [ -z "$gpu" ] || export LD_LIBRARY_PATH=/run/host-gpu
    local namespace=(unshare -m)
    as_root || namespace=(unshare -Ur -m)
    exec "${namespace[@]}" bash "$here/tools/enter.sh" "$root" "$cache" "$certificates" "$gpu" "$user" "${#folders[@]}" "${folders[@]}" "$@"
}
