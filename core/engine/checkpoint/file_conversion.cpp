#include "core/engine/checkpoint/file_conversion.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/safetensors_writer.h"
#include "core/engine/quantization/kernels.h"
#include "core/engine/quantization/linear_quantizer.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace millm::engine {
namespace {

// What is in memory at a time: a slice's source bytes, its f32 values and its codes, some 10 MB together.
constexpr std::int64_t slice_values = std::int64_t{1} << 20;
constexpr std::uint64_t copy_bytes = std::uint64_t{4} << 20;

Error cancelled() {
    return failure(ErrorCode::Cancelled, "converting was cancelled");
}

/// The bytes of one tensor, read from the file or, where it is a view with strides, from a gathered copy.
class TensorSource {
public:
    static Result<TensorSource> open(const ArrivingFile &file, const TorchTensor &tensor) {
        TensorSource source(file, tensor);
        if (tensor.contiguous) return source;
        auto bytes = file.gathered(tensor);
        if (!bytes) return std::move(bytes).error();
        source.m_gathered = *std::move(bytes);
        return source;
    }
    Result<void> read(std::uint64_t offset, std::span<std::byte> to) const {
        if (m_tensor->contiguous) return m_file->read(m_tensor->info.begin + offset, to);
        std::copy_n(m_gathered.data() + offset, to.size(), to.data());
        return {};
    }

private:
    TensorSource(const ArrivingFile &file, const TorchTensor &tensor) : m_file(&file), m_tensor(&tensor) {}
    const ArrivingFile *m_file;
    const TorchTensor *m_tensor;
    std::vector<std::byte> m_gathered;
};

/// Rows [first, first + rows) of the logical [out, in] matrix as f32.
Result<void> read_rows(const TensorSource &source, DType dtype, const LinearShape &shape, std::int64_t first, std::int64_t rows,
                       std::vector<std::byte> &raw, float *values) {
    const auto width = static_cast<std::int64_t>(size_of(dtype));
    raw.resize(static_cast<std::size_t>(rows * shape.in * width));
    if (!shape.transposed) {
        if (auto got = source.read(static_cast<std::uint64_t>(first * shape.in * width), raw); !got) return got;
        widen(dtype, raw.data(), static_cast<std::size_t>(rows * shape.in), values);
        return {};
    }
    // Stored as [in, out]: a piece of every stored row, then turned.
    const auto line_bytes = static_cast<std::size_t>(rows * width);
    for (std::int64_t k = 0; k < shape.in; ++k)
        if (auto got = source.read(static_cast<std::uint64_t>((k * shape.out + first) * width),
                                   std::span(raw).subspan(static_cast<std::size_t>(k) * line_bytes, line_bytes));
            !got)
            return got;
    constexpr std::int64_t tile = 16;
    std::vector<float> line(static_cast<std::size_t>(rows * tile));
    for (std::int64_t k = 0; k < shape.in; k += tile) {
        const std::int64_t lines = std::min(tile, shape.in - k);
        widen(dtype, raw.data() + static_cast<std::size_t>(k) * line_bytes, static_cast<std::size_t>(lines * rows),
              line.data());
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t j = 0; j < lines; ++j)
                values[row * shape.in + k + j] = line[static_cast<std::size_t>(j * rows + row)];
    }
    return {};
}

}  // namespace

FileConversion::FileConversion(const ConversionRules &rules, std::filesystem::path target, bool torch)
    : m_rules(rules), m_target(std::move(target)), m_torch(torch) {}

std::uint64_t FileConversion::consumed() const {
    if (!m_header) return 0;
    return complete() ? m_header->total : m_header->tensors[m_next].info.begin;
}

std::vector<TensorInfo> FileConversion::source_tensors() const {
    std::vector<TensorInfo> infos;
    if (m_header)
        for (const TorchTensor &tensor : m_header->tensors) infos.push_back(tensor.info);
    return infos;
}

Result<void> FileConversion::plan() {
    for (const TorchTensor &source : m_header->tensors) {
        const TensorInfo &info = source.info;
        const std::string shown = printable(info.name);
        if (tells_quantized(m_rules.decoder, info.name)) {
            if (!m_rules.copy)
                return invalid_file("tensor \"", shown, "\": quantized already, though config.json has no quantization_config");
            const bool int8 = info.name.find(".quant_state.") == std::string::npos;
            if (int8 != (m_rules.scheme == Scheme::Int8))
                return failure(ErrorCode::Unsupported, "tensor \"", shown, "\": quantized already in ", int8 ? 8 : 4,
                               " bits; only its own precision can be kept, not ", scheme_info(m_rules.scheme).id);
        }
        const Fate fate =
            m_rules.copy ? fate_of(m_rules.decoder, info, Scheme::Plain) : fate_of(m_rules.decoder, info, m_rules.scheme);
        if (fate == Fate::Drop) continue;
        if (fate == Fate::Keep) {
            m_layout.push_back(info);
            continue;
        }
        if (info.dtype != DType::F32 && info.dtype != DType::F16 && info.dtype != DType::BF16)
            return failure(ErrorCode::Unsupported, "tensor \"", shown, "\": ", name_of(info.dtype),
                           " weights are not quantized; F32, F16 and BF16 are");
        const LinearShape shape = linear_shape(m_rules.decoder, info);
        if (shape.out == 0 || shape.in == 0)
            return invalid_file("tensor \"", shown, "\": a linear layer of shape ", shape_text(info.shape));
        for (TensorInfo &tensor : quantized_tensors(info.name, shape.out, shape.in, info.dtype, m_rules.scheme))
            m_layout.push_back(std::move(tensor));
    }
    const std::string header = safetensors_header(m_layout);
    for (const TensorInfo &tensor : m_layout)
        if (!m_places.emplace(tensor.name, tensor.begin).second)
            return invalid_file("tensor \"", printable(tensor.name), "\": would be written twice");
    auto output = OutputFile::create(m_target);
    if (!output) return std::move(output).error();
    m_output.emplace(*std::move(output));
    return m_output->write(0, std::as_bytes(std::span(header.data(), header.size())));
}

Result<void> FileConversion::advance(const std::filesystem::path &source, std::uint64_t available,
                                     const std::stop_token &stop) {
    auto file = ArrivingFile::open(source);
    if (!file) return std::move(file).error();
    if (!m_header) {
        auto header = file->header(m_torch, available, m_pending);
        if (!header) return std::move(header).error();
        if (!*header) return {};
        m_header = **std::move(header);
        if (auto planned = plan(); !planned) return planned;
    }
    while (m_next < m_header->tensors.size()) {
        const TorchTensor &tensor = m_header->tensors[m_next];
        if (tensor.contiguous && tensor.info.begin + tensor.info.bytes > available) return {};
        if (auto converted = convert(*file, tensor, stop); !converted) return converted;
        ++m_next;
    }
    return {};
}

Result<void> FileConversion::convert(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop) {
    switch (fate_of(m_rules.decoder, tensor.info, m_rules.copy ? Scheme::Plain : m_rules.scheme)) {
        case Fate::Drop:
            return {};
        case Fate::Keep:
            return copy(file, tensor, stop);
        case Fate::Quantize:
            return quantize(file, tensor, stop);
    }
    return {};
}

Result<void> FileConversion::copy(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop) {
    auto source = TensorSource::open(file, tensor);
    if (!source) return std::move(source).error();
    std::vector<std::byte> buffer(std::min(copy_bytes, tensor.info.bytes));
    for (std::uint64_t done = 0; done < tensor.info.bytes; done += buffer.size()) {
        if (stop.stop_requested()) return cancelled();
        const auto part = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), tensor.info.bytes - done));
        if (auto got = source->read(done, part); !got) return got;
        if (auto put = m_output->write(place(tensor.info.name) + done, part); !put) return put;
    }
    return {};
}

Result<void> FileConversion::quantize(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop) {
    const TensorInfo &info = tensor.info;
    const LinearShape shape = linear_shape(m_rules.decoder, info);
    auto source = TensorSource::open(file, tensor);
    if (!source) return std::move(source).error();
    LinearQuantizer quantizer(m_rules.scheme, info.name, shape.out, shape.in, info.dtype);

    const std::int64_t unit = quantizer.slice_rows(),
                       step = std::min(shape.out, unit * std::max<std::int64_t>(1, slice_values / (unit * shape.in)));
    std::vector<float> values(static_cast<std::size_t>(step * shape.in));
    std::vector<std::byte> raw;
    std::uint64_t at = place(info.name);
    for (std::int64_t row = 0; row < shape.out; row += step) {
        if (stop.stop_requested()) return cancelled();
        const std::int64_t rows = std::min(step, shape.out - row);
        if (auto got = read_rows(*source, info.dtype, shape, row, rows, raw, values.data()); !got) return got;
        auto codes = quantizer.add(values.data(), rows);
        if (!codes) return std::move(codes).error();
        if (auto put = m_output->write(at, *codes); !put) return put;
        at += codes->size();
    }
    const auto beside = quantizer.finish();
    const auto tensors = quantized_tensors(info.name, shape.out, shape.in, info.dtype, m_rules.scheme);
    for (std::size_t i = 0; i < beside.size(); ++i)
        if (auto put = m_output->write(place(tensors[i + 1].name), beside[i]); !put) return put;
    return {};
}

}  // namespace millm::engine
