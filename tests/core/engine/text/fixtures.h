#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace millm::engine::test {

/// Fails the test where the file cannot be read.
nlohmann::json read_json(const std::filesystem::path &path);

/// tests/fixtures, and what of it is unpacked into the build folder.
std::filesystem::path fixtures();
std::filesystem::path unpacked_fixtures();

/// Where npm put the vendors' vocabularies (MILLM_VOCABULARIES).
std::filesystem::path vocabularies();

/// A folder of its own that is gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    const std::filesystem::path &path() const { return m_path; }
    void write(const std::string &name, const std::string &text) const;

private:
    std::filesystem::path m_path;
};

}  // namespace millm::engine::test
