#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace millm::fuzz {

namespace fs = std::filesystem;

void wrong(const char *what) {
    std::fprintf(stderr, "fuzz: %s\n", what);
    std::abort();
}

fs::path fixtures() {
    return MILLM_FIXTURES;
}

Bytes read(const fs::path &file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<Bytes> fixture_files(std::string_view name, std::size_t most) {
    std::vector<fs::path> paths;
    for (const auto &entry : fs::recursive_directory_iterator(fixtures())) {
        const std::string file = entry.path().filename().string();
        if (entry.is_regular_file() && file.ends_with(name) && entry.file_size() <= most) paths.push_back(entry.path());
    }
    // The order of a folder is the file system's: the same inputs in the same order everywhere.
    std::sort(paths.begin(), paths.end());
    std::vector<Bytes> files;
    for (const fs::path &path : paths) {
        Bytes bytes = read(path);
        if (std::find(files.begin(), files.end(), bytes) == files.end()) files.push_back(std::move(bytes));
    }
    return files;
}

const fs::path &scratch() {
    struct Folder {
        fs::path path;
        Folder() {
            std::error_code error;
            const fs::path memory = "/dev/shm";
            std::string pattern =
                ((fs::is_directory(memory, error) ? memory : fs::temp_directory_path()) / "millm-fuzz-XXXXXX").string();
            if (!::mkdtemp(pattern.data())) wrong("no folder to work in");
            path = pattern;
        }
        ~Folder() {
            std::error_code error;
            fs::remove_all(path, error);
        }
    };
    static const Folder folder;
    return folder.path;
}

void write(const fs::path &file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace millm::fuzz
