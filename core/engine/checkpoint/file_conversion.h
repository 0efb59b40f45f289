#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/arriving_file.h"
#include "core/engine/checkpoint/output_file.h"
#include "core/engine/quantization/layout.h"
#include "core/engine/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace millm::engine {

/// How one checkpoint is converted; the same for all its files.
struct ConversionRules {
    DecoderDescription decoder;
    Scheme scheme = Scheme::NF4;
    bool copy = false;  ///< quantized already: every tensor as it is
};

/// One weight file on its way from source to target. One thread at a time.
class FileConversion {
public:
    FileConversion(const ConversionRules &rules, std::filesystem::path target, bool torch);

    /// Converts what lies in the first `available` bytes of `source` and is not converted yet.
    Result<void> advance(const std::filesystem::path &source, std::uint64_t available, const std::stop_token &stop);
    Result<void> sync() { return m_output->sync(); }

    bool complete() const { return m_header && m_next == m_header->tensors.size(); }
    std::uint64_t consumed() const;
    std::uint64_t total() const { return m_header ? m_header->total : 0; }
    /// The source's tensors; empty before its header is there.
    std::vector<TensorInfo> source_tensors() const;
    /// The target's tensors, with their places; empty before the source's header is there.
    const std::vector<TensorInfo> &target_tensors() const { return m_layout; }
    const std::filesystem::path &target() const { return m_target; }
    /// Why a torch file of the older form cannot be read yet; empty where nothing is known.
    const std::string &pending_error() const { return m_pending; }

private:
    Result<void> plan();
    Result<void> convert(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop);
    Result<void> copy(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop);
    Result<void> quantize(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop);
    std::uint64_t place(const std::string &name) const { return m_places.at(name); }

    const ConversionRules &m_rules;
    std::filesystem::path m_target;
    bool m_torch;
    std::optional<SourceHeader> m_header;
    std::optional<OutputFile> m_output;
    std::vector<TensorInfo> m_layout;
    std::unordered_map<std::string, std::uint64_t> m_places;
    std::size_t m_next = 0;
    std::string m_pending;
};

}  // namespace millm::engine
