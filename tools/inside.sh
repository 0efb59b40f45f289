# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# Entering the root. Sourced by ./dev, which sets $here (the sources), $cache and $root.
: "${here:?}" "${cache:?}" "${root:?}"
#
# As root and as an ordinary user alike the inside is a private mount namespace: an empty tmpfs that gets the root's usr, etc
# and var, and of the host its devices, its home, its /tmp and the source tree. Nothing is mounted where others could see it,
# nothing of the root is a mount point, and each step replaces the one before it (exec), so that signals and exit statuses
# reach the caller as if there were no root. Where this account may not mount (most containers), proot shows the same files
# in the same places by tracing each process.

in_root() { [ "${MILLM_DEV_NATIVE:-0}" != 1 ]; }

as_root() { [ "$(id -u)" = 0 ]; }

# Whether this account may mount: in a namespace of its own, a user namespace where it isn't root.
may_mount() {
    if [ -z "${mounts:-}" ]; then
        local namespace=(unshare -m) try='mount --make-rprivate / && mount -t tmpfs tmpfs /tmp'
        as_root || namespace=(unshare -Ur -m)
        if [ "${MILLM_DEV_PROOT:-0}" != 1 ] && "${namespace[@]}" sh -c "$try" >/dev/null 2>&1; then mounts=yes; else mounts=no; fi
    fi
    [ $mounts = yes ]
}

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

# Who CMD is inside. Under proot root is told that it is somebody else: PostgreSQL refuses to be root, and nobody can become
# another user there.
inside_account() {
    uid=$(id -u) gid=$(id -g) name=$(id -un) group=$(id -gn)
    if as_root && ! may_mount; then uid=1000 gid=1000 name=millm group=millm; fi
}

# The account's name in passwd and group: initdb and others ask for it.
name_account() {
    local file id entry
    for file in passwd group; do
        if [ $file = passwd ]; then id=$uid entry=$name:x:$uid:$gid:$name:$HOME:/bin/bash; else id=$gid entry=$group:x:$gid:; fi
        { grep -v "^[^:]*:[^:]*:$id:" "$root/etc/$file"; echo "$entry"; } >"$cache/$file.$$"
        mv -f "$cache/$file.$$" "$cache/$file"
    done
}

# add_shown PATH [AT]: PATH of this machine, if it is there, lies inside at the same place, or AT. Sets shown (PATH, AT by turns).
add_shown() { [ ! -e "$1" ] || shown+=("$1" "${2:-$1}"); }

# shown_paths CERTIFICATES: all that is seen of this machine inside.
shown_paths() {
    local folder other library folders=("$HOME" "$here" "$cache" "$PWD") seen=:
    [ -z "${XAUTHORITY:-}" ] || folders+=("$(dirname "$XAUTHORITY")")
    # shellcheck disable=SC2206
    folders+=(${MILLM_SHOW:-})
    shown=()
    for folder in /proc /sys /dev /tmp /run/user; do add_shown "$folder"; done
    # Each folder once: one that lies in another is there already.
    for folder in "${folders[@]}"; do
        case $folder/ in //|/tmp/*|/run/user/*|/proc/*|/dev/*|/sys/*) continue;; esac
        case $seen in *:"$folder":*) continue;; esac
        for other in "${folders[@]}"; do
            case $folder/ in "$other"/?*/) continue 2;; esac
        done
        add_shown "$folder"
        seen=$seen$folder:
    done
    [ ! -e /etc/resolv.conf ] || add_shown "$(readlink -f /etc/resolv.conf)" /etc/resolv.conf
    add_shown /etc/hosts
    add_shown "$1" /etc/ssl/certs/host-ca.crt
    if [ "$uid" != 0 ]; then
        name_account
        add_shown "$cache/passwd" /etc/passwd
        add_shown "$cache/group" /etc/group
    fi
    for library in $(gpu_libraries); do add_shown "$(readlink -f "$library")" "/run/host-gpu/${library##*/}"; done
}

# enter CMD…: replaces this shell by CMD inside the root, in the current folder, as the same user.
enter() {
    local certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt} shown uid gid name group way i
    if may_mount; then
        way=("$(command -v unshare)" -m)
        as_root || way=("$(command -v unshare)" -Ur -m)
    else
        way=("$(command -v perl)" "$here/tools/proot.pl" "$(command -v proot)")
    fi
    mkdir -p "$cache/inside"
    inside_account
    shown_paths "$certificates"
    keep_passed_environment
    caches_environment
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 MILLM_IN_ROOT=1 MILLM_CACHE=$cache
    if [ -e "$certificates" ]; then
        export {SSL_CERT_FILE,CARGO_HTTP_CAINFO,NODE_EXTRA_CA_CERTS,PIP_CERT,REQUESTS_CA_BUNDLE,GIT_SSL_CAINFO}=/etc/ssl/certs/host-ca.crt
    fi
    case " ${shown[*]} " in *" /run/host-gpu/"*) export LD_LIBRARY_PATH=/run/host-gpu;; esac
    if may_mount; then
        exec "${way[@]}" bash "$here/tools/enter.sh" "$root" "$cache/inside" "$uid:$gid" "${#shown[@]}" "${shown[@]}" "$@"
    fi
    way+=(-i "$uid:$gid" -r "$root" -w "$(pwd)")
    for ((i = 0; i < ${#shown[@]}; i += 2)); do way+=(-b "${shown[i]}:${shown[i + 1]}"); done
    exec "${way[@]}" -- "$@"
}
