# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# Pinned Python wheels for the verbs that want them: fetched on first use, kept in the cache, checked against their hashes.

# wheels FOLDER REQUIREMENTS: fills FOLDER with what REQUIREMENTS lists, once. MILLM_WHEELS names a folder of finished downloads.
wheels() {
    local folder=$1 requirements=$2 stamp
    stamp=$(sha256sum <"$requirements" | cut -c1-16)
    [ "$(cat "$folder.stamp" 2>/dev/null || true)" != "$stamp" ] || return 0
    need_packages python3-pip
    local source=()
    [ -z "${MILLM_WHEELS:-}" ] || source=(--no-index --find-links "$MILLM_WHEELS")
    say "fetching the wheels of ${requirements#"$here"/} into $folder (once)"
    (
        flock 9
        [ "$(cat "$folder.stamp" 2>/dev/null || true)" != "$stamp" ] || exit 0
        rm -rf "$folder"
        inside python3 -m pip install --quiet --no-input --disable-pip-version-check --root-user-action=ignore --no-cache-dir --no-compile \
            --no-deps --require-hashes --only-binary=:all: "${source[@]}" --target "$folder" -r "$requirements" >"$folder.log" 2>&1 9>&- ||
            { tail -20 "$folder.log" >&2; die "fetching failed; all of it is in $folder.log"; }
        echo "$stamp" >"$folder.stamp"
    ) 9>"$folder.lock"
}

# The official libtorch with CUDA and NVIDIA's compiler, as one prefix: sets $cuda (…/nvidia/cu13) and $torch (…/torch).
official_torch() {
    [ "$(uname -m)" = x86_64 ] || die "the pinned wheels are for x86-64"
    local folder=$cache/cuda library
    wheels "$folder" "$here/tools/cuda/requirements.txt"
    cuda=$folder/nvidia/cu13 torch=$folder/torch
    [ ! -e "$cuda/.linkable" ] || return 0
    # What a toolkit has and the wheels lack: lib64, the linker's names, run bits.
    ln -sfn lib "$cuda/lib64"
    for library in "$cuda"/lib/*.so.*; do
        ln -sf "${library##*/}" "${library%%.so.*}.so"
    done
    chmod -R a+x "$cuda/bin" "$cuda/nvvm/bin"
    touch "$cuda/.linkable"
}
