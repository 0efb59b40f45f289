# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# ./dev package: the .deb of the release preset.

verb_package() {
    if [ "${1:-}" = --help ]; then
        echo "usage: ./dev package   builds with the release preset and writes build/package/millm_VERSION_ARCH.deb for Debian 13"
        return
    fi
    # shellcheck disable=SC2034  # read by build_targets
    preset=release build=${MILLM_BUILD_DIR:-$here/build/release}
    build_targets
    inside cpack --config "$build/CPackConfig.cmake" -B "$here/build/package" >"$build/package.log" 2>&1 ||
        { tail -20 "$build/package.log" >&2; die "packaging failed; all of it is in $build/package.log"; }
    local deb
    deb=$(find "$here/build/package" -maxdepth 1 -name '*.deb' -newer "$build/CPackConfig.cmake" | head -1)
    say "install with: sudo apt install $deb"
    echo "$deb"
}
