#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/arriving_file.h"
#include "core/engine/checkpoint/held_tensors.h"
#include "core/engine/checkpoint/output_file.h"
#include "core/engine/quantization/layout.h"
#include "core/engine/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace millm::engine {

/// How one checkpoint is converted; the same for all its files.
struct ConversionRules {
    DecoderDescription decoder;
    Scheme scheme = Scheme::NF4;
    bool copy = false;  ///< quantized already, by bitsandbytes: every tensor as it is
};

/// One weight file on its way from source to target. One thread at a time.
class FileConversion {
public:
    /// `name`: the source's in the repository; `held` outlives it.
    FileConversion(const ConversionRules &rules, std::string name, std::filesystem::path target, HeldTensors &held);

    /// Converts what lies in the first `available` bytes of `source` and is not converted yet.
    Result<void> advance(const std::filesystem::path &source, std::uint64_t available, const std::stop_token &stop);
    /// Converts those packed weights all of whose parts have come by now, in whatever files.
    Result<void> convert_held(const std::stop_token &stop);
    /// What was made of parts from another file, which turns out wrong, is made again.
    void forget(const std::string &other);
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
    /// The packed weights whose codes it has, with those parts that went into them. InvalidFile where one waits for a part.
    Result<std::vector<const ForeignWeight *>> packed() const;

private:
    /// What is done when a tensor has arrived.
    enum class Step : std::uint8_t {
        Convert,
        Nothing,  ///< a part of a packed weight that waits for others of the file, or is of no use
        Hold,
        Restore,  ///< the last part of a packed weight
    };
    /// A packed weight of this file.
    struct Packed {
        ForeignWeight weight;
        bool whole = false;  ///< all parts are in this file
        bool done = false;
    };
    /// Reads rows as f32. Any thread.
    using Rows = std::function<Result<void>(std::int64_t first, std::int64_t count, float *to)>;

    Result<void> plan();
    Result<void> plan_packed();
    Result<void> lay_out(const TensorInfo &info);
    Result<void> open_output();
    Result<void> advance_by(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop);
    Result<void> restore(Packed &packed, const ForeignBytes &bytes, const std::stop_token &stop);
    Result<void> convert(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop);
    Result<void> copy(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop);
    Result<void> quantize(const TensorInfo &info, const LinearShape &shape, const Rows &rows, const std::stop_token &stop);
    Result<void> write_narrow(const TensorInfo &info, const LinearShape &shape, const Rows &rows, const std::stop_token &stop);
    Result<void> write_turned(std::uint64_t at, const LinearShape &shape, std::int64_t row, std::int64_t count,
                              std::span<const std::byte> rows);
    std::uint64_t place(const std::string &name) const { return m_places.at(name); }

    const ConversionRules &m_rules;
    std::string m_name;
    std::filesystem::path m_target;
    HeldTensors &m_held;
    std::vector<Step> m_steps;  ///< beside the header's tensors
    std::vector<Packed> m_packed;
    std::unordered_map<std::size_t, std::size_t> m_last;  ///< the packed weight by the place of its last part
    std::optional<SourceHeader> m_header;
    std::optional<OutputFile> m_output;
    std::vector<TensorInfo> m_layout;
    std::unordered_map<std::string, std::uint64_t> m_places;
    std::size_t m_next = 0;
    std::string m_pending;
};

}  // namespace millm::engine
