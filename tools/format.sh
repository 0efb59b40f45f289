# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# ./dev format: clang-format over our C++ and CUDA sources.

# The sources that git knows or would add; without git, all but the build folder.
cxx_sources() {
    cd "$here"
    git -c safe.directory='*' ls-files -co --exclude-standard '*.h' '*.cpp' '*.cu' '*.cuh' 2>/dev/null ||
        find . \( -name build -o -name node_modules \) -prune -o -regex '.*\.\(h\|cpp\|cu\|cuh\)' -printf '%P\n'
}

verb_format() {
    local options=(-i)
    case "${1:-}" in
        --help) echo "usage: ./dev format [--check]   rewrites the C++ sources in the style of .clang-format; --check only says what differs"; return;;
        --check) options=(--dry-run -Werror);;
        "") ;;
        *) die "format: unknown option $1";;
    esac
    local sources
    mapfile -t sources < <(cxx_sources)
    cd "$here"
    printf '%s\0' "${sources[@]}" | inside xargs -0 -r -n 40 -P "$jobs" clang-format "${options[@]}"
}
