#pragma once

#include "core/engine/checkpoint/output_file.h"
#include "core/engine/checkpoint/tensor_source.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <stop_token>
#include <string>

namespace millm::engine {

/// Copies of those parts of packed weights whose weight has parts in other files too: a file goes when it is converted, so what
/// waits for another is kept beside the target. One thread at a time.
class HeldTensors : public ForeignBytes {
public:
    explicit HeldTensors(std::filesystem::path folder) : m_folder(std::move(folder)) {}
    ~HeldTensors() override { clear(); }
    HeldTensors(const HeldTensors &) = delete;

    /// Copies a tensor of the file `owner`.
    Result<void> hold(const std::string &owner, const TensorInfo &tensor, const TensorSource &source,
                      const std::stop_token &stop);
    /// Null where it is not held.
    const TensorInfo *find(const std::string &name) const;
    bool is_from(const std::string &name, const std::string &owner) const;
    void forget(const std::string &owner);
    void clear();

    Result<void> read(const TensorInfo &tensor, std::uint64_t offset, std::span<std::byte> to) const override;

private:
    struct File {
        std::filesystem::path path;
        OutputFile written;
        ArrivingFile read;
        std::uint64_t bytes = 0;
    };
    struct Held {
        TensorInfo info;
        std::string owner;
        std::uint64_t begin = 0;  ///< in the copies of the owner's
    };
    std::filesystem::path m_folder;
    std::map<std::string, File> m_files;
    std::map<std::string, Held> m_tensors;
};

}  // namespace millm::engine
