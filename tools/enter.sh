#!/usr/bin/env bash
# enter.sh ROOT CACHE CERTIFICATES GPU_LIBRARIES UID:GID N FOLDER…(N) CMD…   the second half of root.sh's enter: called in a fresh
# mount namespace (and, for an ordinary user, a user namespace), it lays the inside and becomes CMD there.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
root=$1 cache=$2 certificates=$3 gpu=$4 user=$5 count=$6
shift 6
folders=("${@:1:count}")
shift "$count"
cwd=$PWD
new=$cache/inside

mount --make-rprivate / 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs "$new"

# show PATH [AT]: the host's PATH, with what is mounted in it, lies inside at the same place.
show() {
    local at=$new${2:-$1}
    [ -e "$1" ] || return 0
    if [ -d "$1" ]; then mkdir -p "$at"; else mkdir -p "$(dirname "$at")"; [ -e "$at" ] || : >"$at"; fi
    mount --rbind "$1" "$at"
}

for entry in "$root"/{bin,sbin,lib*,usr,etc,var,opt}; do
    if [ -L "$entry" ]; then cp -P "$entry" "$new/"; else show "$entry" "/${entry##*/}"; fi
done
mkdir -p "$new/root" "$new/home" "$new/run/lock" "$new/host"
for folder in /proc /sys /dev /tmp /run/user; do show "$folder"; done

# Each folder once: one that lies in another is there already.
shown=:
for folder in "${folders[@]}"; do
    case $folder/ in //|/tmp/*|/run/user/*|/proc/*|/dev/*|/sys/*) continue;; esac
    case $shown in *:"$folder":*) continue;; esac
    for other in "${folders[@]}"; do
        case $folder/ in "$other"/?*/) continue 2;; esac
    done
    show "$folder"
    shown=$shown$folder:
done

[ ! -e /etc/resolv.conf ] || show "$(readlink -f /etc/resolv.conf)" /etc/resolv.conf
show /etc/hosts
show "$certificates" /etc/ssl/certs/host-ca.crt
if [ "${user%%:*}" != 0 ]; then
    show "$cache/passwd" /etc/passwd
    show "$cache/group" /etc/group
fi
if [ -n "$gpu" ]; then
    for library in $gpu; do show "$(readlink -f "$library")" "/run/host-gpu/${library##*/}"; done
fi

cd "$new"
pivot_root . host
cd /
umount -l /host
rmdir /host
umount -l "$new" 2>/dev/null || true
[ -d "$cwd" ] || { echo "dev: $cwd is not visible inside the root; MILLM_SHOW=$cwd shows it" >&2; exit 1; }
cd "$cwd"
if [ "${user%%:*}" = 0 ]; then exec "$@"; fi
# Back to the caller's own id: what is written outside belongs to it, and PostgreSQL refuses to be root.
exec unshare -U --map-user="${user%%:*}" --map-group="${user##*:}" -- "$@"
