# millm_text: tokenizer and chat template. Static, for the engine plugin only.
find_path(MILLM_UNISTRING_INCLUDE unicase.h)
find_library(MILLM_UNISTRING unistring)
if(NOT MILLM_UNISTRING_INCLUDE OR NOT MILLM_UNISTRING)
    message(FATAL_ERROR "libunistring is missing (Debian: libunistring-dev)")
endif()

# The tokenizers crate behind a C ABI: built by cargo, or taken as a finished archive.
add_library(millm_tokenizer_shim INTERFACE)
if(MILLM_TOKENIZER_ARCHIVE)
    target_link_libraries(millm_tokenizer_shim INTERFACE ${MILLM_TOKENIZER_ARCHIVE} ${CMAKE_DL_LIBS} pthread m)
else()
    find_program(MILLM_CARGO cargo REQUIRED)
    # One folder for all build trees saves two minutes each.
    set(cargo_folder ${CMAKE_BINARY_DIR}/cargo)
    if(DEFINED ENV{MILLM_CACHE})
        set(cargo_folder $ENV{MILLM_CACHE}/cargo-target)
    endif()
    # Cargo's own profile "dev" is our quick one (see Cargo.toml); it lies in "debug".
    set(profile release)
    set(profile_folder release)
    if(MILLM_QUICK OR MILLM_COVERAGE)
        set(profile dev)
        set(profile_folder debug)
    endif()
    # Asked for again only when one of its files changed: cargo itself takes a while to say that nothing did.
    set(shim ${CMAKE_CURRENT_LIST_DIR}/tokenizer/shim)
    set(archive ${CMAKE_CURRENT_BINARY_DIR}/libmillm_tokenizer.a)
    add_custom_command(OUTPUT ${archive}
        COMMAND ${MILLM_CARGO} build --quiet --locked --profile ${profile} --manifest-path ${shim}/Cargo.toml --target-dir ${cargo_folder}
        COMMAND ${CMAKE_COMMAND} -E copy ${cargo_folder}/${profile_folder}/libmillm_tokenizer.a ${archive}
        DEPENDS ${shim}/lib.rs ${shim}/constraint.rs ${shim}/Cargo.toml ${shim}/Cargo.lock COMMENT "Building the tokenizers crate" VERBATIM)
    # Ninja knows from the file who waits for it: who links it, and not who compiles beside.
    add_custom_target(millm_tokenizer_archive DEPENDS ${archive})
    target_link_libraries(millm_tokenizer_shim INTERFACE ${archive} ${CMAKE_DL_LIBS} pthread m)
endif()

add_library(millm_text STATIC
    tokenizer/base64.cpp
    tokenizer/byte_level.cpp
    tokenizer/byte_level_tokenizer.cpp
    tokenizer/decoder_description.cpp
    tokenizer/grammar_compiler.cpp
    tokenizer/hub_tokenizer.cpp
    tokenizer/made_tokenizer.cpp
    tokenizer/merge_pairs.cpp
    tokenizer/open.cpp
    tokenizer/protobuf.cpp
    tokenizer/ranked_tokens.cpp
    tokenizer/sentencepiece_bpe_classes.cpp
    tokenizer/sentencepiece_model.cpp
    tokenizer/sentencepiece_own_settings.cpp
    tokenizer/sentencepiece_parts.cpp
    tokenizer/sentencepiece_tokenizer.cpp
    tokenizer/sentencepiece_unigram_classes.cpp
    tokenizer/special_tokens.cpp
    tokenizer/stream_decoders.cpp
    tokenizer/template/chat_template.cpp
    tokenizer/template/clock.cpp
    tokenizer/template/content_form.cpp
    tokenizer/template/evaluator.cpp
    tokenizer/template/expression_parser.cpp
    tokenizer/template/filters.cpp
    tokenizer/template/filters_selection.cpp
    tokenizer/template/filters_sequence.cpp
    tokenizer/template/filters_text.cpp
    tokenizer/template/filters_value.cpp
    tokenizer/template/formatting.cpp
    tokenizer/template/globals.cpp
    tokenizer/template/integer.cpp
    tokenizer/template/interpreter.cpp
    tokenizer/template/json_text.cpp
    tokenizer/template/lexer.cpp
    tokenizer/template/lookup.cpp
    tokenizer/template/methods.cpp
    tokenizer/template/numbers.cpp
    tokenizer/template/objects.cpp
    tokenizer/template/operators.cpp
    tokenizer/template/parameters.cpp
    tokenizer/template/parser.cpp
    tokenizer/template/printing.cpp
    tokenizer/template/string_literal.cpp
    tokenizer/template/string_methods.cpp
    tokenizer/template/string_query_methods.cpp
    tokenizer/template/template.cpp
    tokenizer/template/tests.cpp
    tokenizer/template/token_stream.cpp
    tokenizer/template/unicode.cpp
    tokenizer/template/value.cpp
    tokenizer/tekken_tokenizer.cpp
    tokenizer/tiktoken_tokenizer.cpp
    tokenizer/tokenizer_setup.cpp
    tokenizer/utf8_pieces.cpp
    tokenizer/word_piece_tokenizer.cpp
)
millm_target(millm_text)
millm_headers(millm_text engine)
target_include_directories(millm_text PRIVATE ${MILLM_UNISTRING_INCLUDE})
target_link_libraries(millm_text PUBLIC millm_text_files PRIVATE millm_tokenizer_shim ${MILLM_UNISTRING})
