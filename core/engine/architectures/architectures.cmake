# Sources of millm_checkpoint that judge a config.json, relative to core/engine. A new family: append its file.
set(MILLM_ARCHITECTURE_SOURCES
    architectures/config_reader.cpp
    architectures/describe.cpp
    architectures/weight_names.cpp
    architectures/gpt2.cpp
    architectures/llama.cpp
    architectures/mistral.cpp
    architectures/qwen2.cpp
    architectures/qwen3.cpp)
