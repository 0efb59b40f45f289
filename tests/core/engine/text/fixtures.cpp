#include "fixtures.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <random>

namespace millm::engine::test {

nlohmann::json read_json(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path.string());
    return nlohmann::json::parse(file);
}

std::filesystem::path fixtures() {
    return MILLM_FIXTURES;
}
std::filesystem::path unpacked_fixtures() {
    return MILLM_UNPACKED_FIXTURES;
}

std::filesystem::path vocabularies() {
    const char *folder = std::getenv("MILLM_VOCABULARIES");
    REQUIRE_MESSAGE(folder, "MILLM_VOCABULARIES names no folder; run this through ctest");
    return folder;
}

TemporaryFolder::TemporaryFolder() {
    m_path = std::filesystem::temp_directory_path() / ("millm-text-" + std::to_string(std::random_device()()));
    std::filesystem::create_directories(m_path);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(m_path, error);
}

void TemporaryFolder::write(const std::string &name, const std::string &text) const {
    std::filesystem::create_directories((m_path / name).parent_path());
    std::ofstream file(m_path / name, std::ios::binary);
    file << text;
    REQUIRE(file.good());
}

}  // namespace millm::engine::test
