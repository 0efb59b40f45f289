# millm_checkpoint: files, descriptions, schemes and footprint. No Qt, no torch.
include(architectures/architectures.cmake OPTIONAL)

# The door of what comes from outside: files and JSON.
add_library(millm_input STATIC
    checkpoint/failure.cpp
    input/json_parser.cpp
    input/json_value.cpp
    input/regular_file.cpp
    input/utf8.cpp)
millm_target(millm_input)
millm_headers(millm_input engine)
millm_computing_sources(input/json_parser.cpp input/json_value.cpp input/utf8.cpp)

# Which files are the tokenizer and the chat templates. Apart from both, since the program and the plugin need to know.
add_library(millm_text_files STATIC tokenizer/byte_level_classes.cpp tokenizer/text_files.cpp)
millm_target(millm_text_files)
millm_headers(millm_text_files engine)
target_link_libraries(millm_text_files PUBLIC millm_input)

add_library(millm_checkpoint STATIC
    compute_types.cpp
    memory_footprint.cpp
    open_engine.cpp
    workspace.cpp
    checkpoint/arriving_file.cpp
    checkpoint/checkpoint.cpp
    checkpoint/converter.cpp
    checkpoint/dtype.cpp
    checkpoint/file_conversion.cpp
    checkpoint/held_tensors.cpp
    checkpoint/mapped_file.cpp
    checkpoint/output_file.cpp
    checkpoint/pickle.cpp
    checkpoint/quantization_config.cpp
    checkpoint/requirements.cpp
    checkpoint/safetensors.cpp
    checkpoint/safetensors_writer.cpp
    checkpoint/tensor_source.cpp
    checkpoint/torch_file.cpp
    checkpoint/weight_plan.cpp
    checkpoint/zip_directory.cpp
    foreign/format.cpp
    foreign/numbers.cpp
    foreign/rows.cpp
    foreign/tensors.cpp
    foreign/weight.cpp
    pooling/pooling.cpp
    quantization/kernels.cpp
    quantization/layout.cpp
    quantization/linear_quantizer.cpp
    quantization/scheme.cpp
    quantization/slices.cpp
    quantization/stored_linear.cpp
    ${MILLM_ARCHITECTURE_SOURCES})
millm_target(millm_checkpoint)
millm_headers(millm_checkpoint engine)
millm_computing_sources(checkpoint/dtype.cpp checkpoint/file_conversion.cpp checkpoint/tensor_source.cpp foreign/numbers.cpp
    foreign/rows.cpp quantization/kernels.cpp quantization/linear_quantizer.cpp quantization/stored_linear.cpp)
find_package(Threads REQUIRED)
target_link_libraries(millm_checkpoint PUBLIC millm_input Threads::Threads ${CMAKE_DL_LIBS})
# Codes must come out bit for bit like bitsandbytes' on every processor: no multiply-add in one rounding.
target_compile_options(millm_checkpoint PRIVATE -ffp-contract=off)
