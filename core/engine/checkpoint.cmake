# millm_checkpoint: files, descriptions, schemes and footprint. No Qt, no torch.
find_package(nlohmann_json 3.11 REQUIRED)
include(architectures/architectures.cmake OPTIONAL)

add_library(millm_checkpoint STATIC
    compute_types.cpp
    memory_footprint.cpp
    checkpoint/arriving_file.cpp
    checkpoint/checkpoint.cpp
    checkpoint/completeness.cpp
    checkpoint/converter.cpp
    checkpoint/dtype.cpp
    checkpoint/failure.cpp
    checkpoint/file_conversion.cpp
    checkpoint/mapped_file.cpp
    checkpoint/output_file.cpp
    checkpoint/pickle.cpp
    checkpoint/quantization_config.cpp
    checkpoint/requirements.cpp
    checkpoint/safetensors.cpp
    checkpoint/safetensors_writer.cpp
    checkpoint/torch_file.cpp
    checkpoint/zip_directory.cpp
    quantization/kernels.cpp
    quantization/layout.cpp
    quantization/linear_quantizer.cpp
    quantization/scheme.cpp
    quantization/stored_linear.cpp
    ${MILLM_ARCHITECTURE_SOURCES})
millm_target(millm_checkpoint)
target_link_libraries(millm_checkpoint PUBLIC nlohmann_json::nlohmann_json)
# Codes must come out bit for bit like bitsandbytes' on every processor: no multiply-add in one rounding.
target_compile_options(millm_checkpoint PRIVATE -ffp-contract=off)
# Only speed: without them compilers keep float comparisons out of vector loops for the sake of traps and errno.
target_compile_options(millm_checkpoint PRIVATE -fno-trapping-math -fno-math-errno)
