#pragma once

#include "support.h"

#include <doctest/doctest.h>

#include <cstring>
#include <map>

namespace millm::engine::testing {

/// A whole safetensors file in memory, for reference data that is no model folder.
class TensorFile {
public:
    explicit TensorFile(const fs::path &path) : m_bytes(read_file(path)) {
        const auto length = safetensors_header_length(as_bytes(m_bytes).first<8>(), m_bytes.size());
        REQUIRE(length.ok());
        auto tensors = parse_safetensors_header({m_bytes.data() + 8, *length}, m_bytes.size());
        REQUIRE(tensors.ok());
        for (TensorInfo &info : *tensors) m_tensors.emplace(info.name, std::move(info));
    }

    bool has(const std::string &name) const { return m_tensors.count(name) != 0; }
    const TensorInfo &info(const std::string &name) const {
        REQUIRE_MESSAGE(has(name), name);
        return m_tensors.at(name);
    }
    std::string bytes(const std::string &name) const { return m_bytes.substr(info(name).begin, info(name).bytes); }
    template <class T>
    std::vector<T> values(const std::string &name) const {
        std::vector<T> result(info(name).bytes / sizeof(T));
        std::memcpy(result.data(), m_bytes.data() + info(name).begin, result.size() * sizeof(T));
        return result;
    }
    const std::map<std::string, TensorInfo> &tensors() const { return m_tensors; }

private:
    std::string m_bytes;
    std::map<std::string, TensorInfo> m_tensors;
};

template <class T>
std::string text_of(const std::vector<T> &values) {
    return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

}  // namespace millm::engine::testing
