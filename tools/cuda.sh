# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# ./dev cuda: the CUDA engine. Builds, links and loads on every machine; computes where there is a GPU.
# shellcheck source=tools/python.sh
. "$here/tools/python.sh"

verb_cuda() {
    local architectures="7.5;8.0;8.6;8.9;9.0;10.0;12.0+PTX"
    if [ "${1:-}" = --help ]; then
        echo "usage: ./dev cuda [CTEST ARGS]   fetches the official libtorch 2.11 with CUDA 13 and NVIDIA's compiler (pinned wheels,"
        echo "  3 GB to fetch, 6 GB in $cache/cuda), builds the CUDA engine in build/cuda and runs the engine's tests with it."
        echo "  The program uses it with MILLM_ENGINE_DIR=build/cuda/lib. Architectures: TORCH_CUDA_ARCH_LIST ($architectures)."
        return
    fi
    local cuda torch
    official_torch
    # shellcheck disable=SC2034  # read by build_targets
    preset=cuda build=${MILLM_BUILD_DIR:-$here/build/cuda}
    export CUDACXX=$cuda/bin/nvcc
    configure_options=(-DCUDA_TOOLKIT_ROOT_DIR="$cuda" -DCUDAToolkit_ROOT="$cuda" -DCMAKE_PREFIX_PATH="$torch"
        -DTORCH_CUDA_ARCH_LIST="${TORCH_CUDA_ARCH_LIST:-$architectures}")
    build_targets
    cd "$here"
    become ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$jobs" "$@"
}
