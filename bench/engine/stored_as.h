#pragma once

#include "bench/engine/plugin_host.h"
#include "core/engine/checkpoint/converter.h"

#include <chrono>
#include <fstream>
#include <set>
#include <sstream>

namespace millm::bench {

inline std::string read_file(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) stop("cannot read " + path.string());
    return (std::ostringstream() << file.rdbuf()).str();
}

/// The folder's weights quantized and everything else of it, as the download pipeline leaves them.
inline void convert(const std::filesystem::path &folder, const std::filesystem::path &target, engine::Scheme scheme) {
    namespace fs = std::filesystem;
    fs::remove_all(target);
    fs::create_directories(target);
    auto converter = need(engine::CheckpointConverter::create(read_file(folder / "config.json"), {target, scheme}));
    std::set<fs::path> files;
    for (const auto &entry : fs::directory_iterator(folder)) files.insert(entry.path());
    for (const fs::path &file : files) {
        const std::string name = file.filename();
        if (file.extension() == ".safetensors")
            (void)need(converter->advance(file, name, fs::file_size(file), {}));
        else if ((file.extension() == ".json" || file.extension() == ".jinja") && !name.ends_with(".index.json"))
            fs::copy_file(file, target / name);
    }
    need(converter->finish({}));
}

/// The folder stored in that scheme, beside this program's build: made once, and again where the source is another since.
inline std::filesystem::path stored_as(const std::filesystem::path &folder, engine::Scheme scheme) {
    namespace fs = std::filesystem;
    if (scheme == engine::Scheme::Plain) return folder;
    const fs::path source = fs::canonical(folder), build = fs::canonical("/proc/self/exe").parent_path().parent_path(),
                   target =
                       build / "bench-models" / (source.filename().string() + (scheme == engine::Scheme::NF4 ? "-Q4" : "-Q8"));
    std::string made_of = source.string();
    for (const auto &entry : fs::directory_iterator(source))
        if (entry.path().extension() == ".safetensors")
            made_of += " " + std::to_string(entry.file_size()) + " " +
                       std::to_string(entry.last_write_time().time_since_epoch().count());
    const fs::path mark = target / "made-of.txt";
    if (fs::exists(mark) && read_file(mark) == made_of) return target;
    convert(source, target, scheme);
    std::ofstream(mark) << made_of;
    return target;
}

}  // namespace millm::bench
