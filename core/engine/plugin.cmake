# The engine plugins: libtorch behind one exported symbol. MILLM_CUDA builds the same sources against an official libtorch
# with CUDA instead of the CPU one.
find_package(Threads REQUIRED)

# Torch-free: choosing tokens and the CPU kernels, so that their tests need no torch.
add_library(millm_generation STATIC
    generation/logits_processors.cpp
    generation/sampler.cpp
    generation/sequence.cpp
    generation/stop_strings.cpp)
millm_target(millm_generation)
target_compile_options(millm_generation PRIVATE -O3)

add_library(millm_cpu_kernels STATIC
    kernels/cpu/amx.cpp
    kernels/cpu/amx_packed.cpp
    kernels/cpu/avx2.cpp
    kernels/cpu/avx512.cpp
    kernels/cpu/avx512_bf16.cpp
    kernels/cpu/core_count.cpp
    kernels/cpu/kernels.cpp
    kernels/cpu/packing.cpp
    kernels/cpu/portable.cpp)
millm_target(millm_cpu_kernels)
# Multiply-adds are written where they are meant: one that the compiler makes would round a row's last values otherwise.
target_compile_options(millm_cpu_kernels PRIVATE -O3 -ffp-contract=off)
# Each level's file is compiled for its own instruction set.
set_target_properties(millm_cpu_kernels PROPERTIES UNITY_BUILD OFF)

# at::parallel_for forks only where the file that calls it is compiled with OpenMP; without it, it runs in the caller, silently.
find_package(OpenMP REQUIRED COMPONENTS CXX)

# libtorch's own CMake files set compiler flags for the whole folder and look for things this project does not use.
find_package(Torch REQUIRED)

if(MILLM_CUDA)
    set(plugin millm_engine_cuda)
else()
    set(plugin millm_engine_cpu)
endif()
# All of a plugin but its exported symbol: tests of the layers link it too.
set(parts ${plugin}_parts)
add_library(${parts} OBJECT
    layers/attention.cpp
    layers/compute.cpp
    layers/cpu_linear.cpp
    layers/cpu_product.cpp
    layers/decoder.cpp
    layers/decoder_layer.cpp
    layers/dense_and_moe.cpp
    layers/device_check.cpp
    layers/device_linear.cpp
    layers/device_pass.cpp
    layers/device_runtime.cpp
    layers/experts.cpp
    layers/feed_forward.cpp
    layers/causal_convolution.cpp
    layers/channel_mix.cpp
    layers/functions.cpp
    layers/gated_delta.cpp
    layers/gated_recurrence.cpp
    layers/latent_attention.cpp
    layers/laurel.cpp
    layers/linear.cpp
    layers/linear_attention.cpp
    layers/norm.cpp
    layers/packed_linear.cpp
    layers/page_store.cpp
    layers/parallel.cpp
    layers/pooling.cpp
    layers/projection.cpp
    layers/recorded_passes.cpp
    layers/recurrence.cpp
    layers/rotary.cpp
    layers/scores.cpp
    layers/sequence_state.cpp
    layers/selective_scan.cpp
    layers/short_convolution.cpp
    layers/state_space.cpp
    layers/streams.cpp
    layers/threads.cpp
    layers/token_shift.cpp
    layers/weight_memory.cpp
    layers/weighted_mean.cpp
    layers/token_inputs.cpp
    plugin/counted_memory.cpp
    plugin/end_tokens.cpp
    plugin/guard.cpp
    plugin/memory.cpp
    plugin/model_loader.cpp
    plugin/mask_thread.cpp
    plugin/running_model.cpp
    plugin/state_pool.cpp
    plugin/torch_engine.cpp)
millm_target(${parts})
target_compile_options(${parts} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-pedantic -Wno-unused-parameter>)
target_link_libraries(${parts} PUBLIC millm_checkpoint millm_text millm_generation millm_cpu_kernels ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX Threads::Threads)

add_library(${plugin} MODULE plugin/plugin.cpp)
millm_target(${plugin})
target_link_libraries(${plugin} PRIVATE ${parts})
# Nothing but the factory is seen from outside, the static libraries' symbols least of all.
target_link_options(${plugin} PRIVATE -Wl,--exclude-libs,ALL -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/plugin/exports.map)
set_property(TARGET ${plugin} APPEND PROPERTY LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/plugin/exports.map)
# What generates is optimized in quick builds too.
target_compile_options(${parts} PRIVATE $<$<AND:$<BOOL:${MILLM_QUICK}>,$<COMPILE_LANGUAGE:CXX>>:-O3>)
# ATen's headers include what they use, not all functions.
target_compile_definitions(${parts} PRIVATE AT_PER_OPERATOR_HEADERS)
target_precompile_headers(${parts} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${PROJECT_SOURCE_DIR}/core/engine/layers/aten.h>)

if(MILLM_CUDA)
    enable_language(CUDA)
    target_compile_definitions(${parts} PRIVATE MILLM_CUDA)
    target_sources(${parts} PRIVATE plugin/cuda_memory.cpp plugin/cuda_runtime.cpp)
    # The target with kernels in it is the one that is linked with CUDA's runtime.
    target_compile_definitions(${plugin} PRIVATE MILLM_CUDA AT_PER_OPERATOR_HEADERS)
    set_target_properties(${plugin} PROPERTIES CUDA_STANDARD 20 CUDA_STANDARD_REQUIRED ON)
    target_sources(${plugin} PRIVATE kernels/cuda/kernels.cu)
endif()
