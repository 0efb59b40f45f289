#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::fuzz {

using Random = std::mt19937_64;
using Bytes = std::string;

/// One door of the program as a function of bytes. Whatever they are, `run` comes back: it answers with values or errors of its
/// own, soon and with little memory. One source file of this folder a target.
struct Target {
    std::vector<Bytes> (*seeds)();  ///< inputs to begin with, of the fixtures
    void (*run)(const Bytes &input);
    /// A change that keeps the form by which an input gets in (lengths, brackets); null where bytes alone do.
    Bytes (*mutate)(const Bytes &input, Random &random) = nullptr;
};
extern const Target target;

/// The end of the process, with its place: an answer that cannot be right.
[[noreturn]] void wrong(const char *what);

// ---- changes
std::size_t below(std::size_t limit, Random &random);  ///< 0 where the limit is 0
Bytes mutate_bytes(Bytes input, Random &random);
/// Inserts, removes, repeats and cuts, with pieces of the language that the input is in.
Bytes mutate_pieces(Bytes input, std::span<const std::string_view> pieces, Random &random);
/// Changes a value, a name or the order somewhere in a JSON text; what is none is changed as bytes.
Bytes mutate_json(const Bytes &input, Random &random);

// ---- inputs
std::filesystem::path fixtures();
Bytes read(const std::filesystem::path &file);
/// The files below tests/fixtures of that name (or ending, ".safetensors"), none larger than `most` bytes.
std::vector<Bytes> fixture_files(std::string_view name, std::size_t most = 64 * 1024);

/// A folder of this process alone, in memory where there is such a place; gone when the process ends.
const std::filesystem::path &scratch();
void write(const std::filesystem::path &file, std::string_view bytes);

}  // namespace millm::fuzz
