#!/usr/bin/env bash
# enter.sh ROOT NEW UID:GID N (PATH AT)…(N words) CMD…   the second half of inside.sh's enter: called in a fresh mount namespace
# (and, for an ordinary user, a user namespace), it lays the inside in the folder NEW and becomes CMD there.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
root=$1 new=$2 user=$3 count=$4
shift 4
shown=("${@:1:count}")
shift "$count"
cwd=$PWD

mount --make-rprivate / 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs "$new"

# show PATH AT: the host's PATH, with what is mounted in it.
show() {
    local at=$new$2
    if [ -d "$1" ]; then mkdir -p "$at"; else mkdir -p "$(dirname "$at")"; [ -e "$at" ] || : >"$at"; fi
    mount --rbind "$1" "$at"
}

for entry in "$root"/{bin,sbin,lib*,usr,etc,var,opt}; do
    if [ -L "$entry" ]; then cp -P "$entry" "$new/"; elif [ -e "$entry" ]; then show "$entry" "/${entry##*/}"; fi
done
mkdir -p "$new/root" "$new/home" "$new/run/lock" "$new/host"
for ((i = 0; i < count; i += 2)); do show "${shown[i]}" "${shown[i + 1]}"; done

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
