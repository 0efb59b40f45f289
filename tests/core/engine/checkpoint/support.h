#pragma once

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/dtype.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace millm::engine::testing {

namespace fs = std::filesystem;

/// A folder of its own that goes away with the value.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    const fs::path &path() const { return m_path; }
    fs::path operator/(const std::string &name) const { return m_path / name; }

private:
    fs::path m_path;
};

fs::path fixtures();
std::string read_file(const fs::path &path);
void write_file(const fs::path &path, const std::string &bytes);
std::span<const std::byte> as_bytes(const std::string &text);

/// The text of a safetensors file: a header of these fields, padded to 8 bytes, and `data`.
std::string safetensors_text(const std::string &header, const std::string &data);

/// A named tensor with its bytes, for files written by a test.
struct TestTensor {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
    std::string bytes;
};
std::string safetensors_file(const std::vector<TestTensor> &tensors);

/// Opens a folder that holds `weights` under `name` and a minimal config.json.
Result<std::unique_ptr<Checkpoint>> open_single(const TemporaryFolder &folder, const std::string &name,
                                                const std::string &weights);

}  // namespace millm::engine::testing
