#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace millm::engine {

/// Quantizes a checkpoint, or restores in 16 bits what another program packed, while its files are still arriving: each weight
/// file becomes one file of the same name in the target folder, tensor by tensor as soon as a tensor's bytes are there, large
/// ones in row slices, so that memory stays at a few row slices. Nothing it wrote counts before finish(): a source whose
/// checksum turns out wrong is started over with restart(). Torch-free. One thread at a time.
class CheckpointConverter {
public:
    struct Options {
        std::filesystem::path target;  ///< folder of the new checkpoint; exists
        Scheme scheme = Scheme::NF4;   ///< Plain is refused, but of packed files: others are kept as they are
    };
    struct Progress {
        std::uint64_t consumed = 0;  ///< bytes of this source that are converted
        std::uint64_t total = 0;     ///< the source's bytes; 0 while its header is not complete
    };

    /// `config_json`: the repository's; Unsupported where the table has no row for it.
    static Result<std::unique_ptr<CheckpointConverter>> create(const std::string &config_json, Options options);
    virtual ~CheckpointConverter() = default;

    /// Converts every tensor of `source` that lies wholly in its first `available` bytes and is not converted yet.
    /// `name`: the file's name in the repository ("model-00001-of-00004.safetensors"), which the new file bears too.
    virtual Result<Progress> advance(const std::filesystem::path &source, const std::string &name, std::uint64_t available,
                                     std::stop_token stop) = 0;
    /// Forgets what came from `name`: its bytes were wrong.
    virtual void restart(const std::string &name) = 0;
    /// Completes the target: index where there are several files, config.json with bitsandbytes' quantization_config, or
    /// without any.
    /// InvalidFile where a tensor of the architecture is missing.
    virtual Result<void> finish(std::stop_token stop) = 0;
    /// After finish(): what the log should say of the source, a sentence each.
    virtual const std::vector<std::string> &remarks() const = 0;
};

}  // namespace millm::engine
