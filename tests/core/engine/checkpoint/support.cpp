#include "support.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace millm::engine::testing {

TemporaryFolder::TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "millm-checkpoint-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    m_path = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

fs::path fixtures() {
    return fs::path(MILLM_FIXTURES);
}

std::string read_file(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path &path, const std::string &bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(file.good());
}

std::span<const std::byte> as_bytes(const std::string &text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string safetensors_text(const std::string &header, const std::string &data) {
    std::string padded = header;
    while (padded.size() % 8) padded += ' ';
    std::string file;
    for (int i = 0; i < 8; ++i) file += static_cast<char>(padded.size() >> (8 * i) & 0xff);
    return file + padded + data;
}

std::string safetensors_file(const std::vector<TestTensor> &tensors) {
    std::ostringstream header;
    std::string data;
    header << '{';
    for (const TestTensor &tensor : tensors) {
        header << (data.empty() && &tensor == tensors.data() ? "" : ",") << '"' << tensor.name << "\":{\"dtype\":\""
               << name_of(tensor.dtype) << "\",\"shape\":[";
        for (std::size_t i = 0; i < tensor.shape.size(); ++i) header << (i ? "," : "") << tensor.shape[i];
        header << "],\"data_offsets\":[" << data.size() << ',' << data.size() + tensor.bytes.size() << "]}";
        data += tensor.bytes;
    }
    header << '}';
    return safetensors_text(header.str(), data);
}

Result<std::unique_ptr<Checkpoint>> open_single(const TemporaryFolder &folder, const std::string &name,
                                                const std::string &weights) {
    write_file(folder / "config.json", "{\"model_type\":\"llama\"}");
    write_file(folder / name, weights);
    return Checkpoint::open(folder.path());
}

}  // namespace millm::engine::testing
