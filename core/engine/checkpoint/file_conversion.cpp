#include "core/engine/checkpoint/file_conversion.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/safetensors_writer.h"
#include "core/engine/checkpoint/tensor_source.h"
#include "core/engine/foreign/numbers.h"
#include "core/engine/foreign/tensors.h"
#include "core/engine/quantization/linear_quantizer.h"
#include "core/engine/quantization/slices.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <unordered_set>
#include <utility>

namespace millm::engine {
namespace {

// What a core has in memory at a time: a slice's source bytes, its f32 values and its codes, small enough for its cache.
constexpr std::int64_t slice_values = std::int64_t{1} << 18;
// Of what is written turned, all cores together: a whole expert of most models, 270 MB, so that files are not written a few
// bytes at a time.
constexpr std::int64_t turned_values = std::int64_t{1} << 25;
constexpr std::uint64_t copy_bytes = std::uint64_t{4} << 20;
constexpr std::int64_t narrow_bytes = 2;  // of F16 and BF16

Error cancelled() {
    return failure(ErrorCode::Cancelled, "converting was cancelled");
}

}  // namespace

FileConversion::FileConversion(const ConversionRules &rules, std::string name, std::filesystem::path target, HeldTensors &held)
    : m_rules(rules), m_name(std::move(name)), m_target(std::move(target)), m_held(held) {}

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

/// Room in the target for what becomes of a tensor that is plain, or stands for a packed one.
Result<void> FileConversion::lay_out(const TensorInfo &info) {
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
    if (fate == Fate::Drop) return {};
    if (fate == Fate::Keep) {
        m_layout.push_back(info);
        return {};
    }
    if (info.dtype != DType::F32 && info.dtype != DType::F16 && info.dtype != DType::BF16)
        return failure(ErrorCode::Unsupported, "tensor \"", shown, "\": ", name_of(info.dtype),
                       " weights are not quantized; F32, F16 and BF16 are");
    const LinearShape shape = linear_shape(m_rules.decoder, info);
    if (shape.rows() == 0 || shape.in == 0)
        return invalid_file("tensor \"", shown, "\": a linear layer of shape ", shape_text(info.shape));
    for (TensorInfo &tensor : quantized_tensors(info.name, shape, info.dtype, m_rules.scheme))
        m_layout.push_back(std::move(tensor));
    return {};
}

/// Which packed weights the file has, and what is done with each of their parts.
Result<void> FileConversion::plan_packed() {
    const ForeignFormat &format = m_rules.decoder.foreign;
    const auto &tensors = m_header->tensors;
    std::unordered_map<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < tensors.size(); ++i) by_name.emplace(tensors[i].info.name, i);
    const auto find = [&](const std::string &name) {
        const auto found = by_name.find(name);
        return found == by_name.end() ? nullptr : &tensors[found->second].info;
    };
    std::unordered_set<std::string> dropped;
    std::vector<std::pair<std::size_t, std::string>> companions;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        auto place = foreign_place(format, tensors[i].info);
        if (!place) return std::move(place).error();
        if (place->kind == ForeignPlace::Kind::Plain) continue;
        m_steps[i] = Step::Nothing;
        if (place->kind == ForeignPlace::Kind::Companion) companions.emplace_back(i, std::move(place->module));
        if (place->kind != ForeignPlace::Kind::Codes) continue;
        ForeignWeight &weight = place->weight;
        const TensorInfo stand = stand_in(m_rules.decoder, weight);
        if (fate_of(m_rules.decoder, stand, m_rules.scheme) == Fate::Drop) {
            dropped.insert(weight.module);
            continue;
        }
        const LinearShape shape = linear_shape(m_rules.decoder, stand);
        if (shape.out != weight.out || shape.in != weight.in)
            return invalid_file("tensor \"", printable(tensors[i].info.name), "\" of ", shape_text(tensors[i].info.shape),
                                " lies the other way round than the model's \"", printable(weight.name), "\"");
        if (auto laid = lay_out(stand); !laid) return laid;
        auto complete = weight.complete(format, find);
        if (!complete) return std::move(complete).error();
        m_packed.push_back({std::move(weight), *complete, false});
    }
    std::unordered_set<std::string> whole;
    for (std::size_t i = 0; i < m_packed.size(); ++i) {
        std::size_t last = 0;
        for (const auto &piece : m_packed[i].weight.pieces) {
            if (!piece.found()) continue;
            const std::size_t place = by_name.at(piece.name);
            last = std::max(last, place);
            if (!m_packed[i].whole) m_steps[place] = Step::Hold;
        }
        if (!m_packed[i].whole) continue;
        whole.insert(m_packed[i].weight.module);
        m_steps[last] = Step::Restore;
        m_last.emplace(last, i);
    }
    for (const auto &[place, module] : companions)
        if (!whole.contains(module) && !dropped.contains(module)) m_steps[place] = Step::Hold;
    return {};
}

Result<void> FileConversion::plan() {
    m_steps.assign(m_header->tensors.size(), Step::Convert);
    if (m_rules.decoder.foreign.packs())
        if (auto planned = plan_packed(); !planned) return planned;
    for (std::size_t i = 0; i < m_steps.size(); ++i)
        if (m_steps[i] == Step::Convert)
            if (auto laid = lay_out(m_header->tensors[i].info); !laid) return laid;
    return open_output();
}

Result<void> FileConversion::open_output() {
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
        auto header = file->header(m_name.ends_with(".bin"), available, m_pending);
        if (!header) return std::move(header).error();
        if (!*header) return {};
        m_header = **std::move(header);
        if (auto planned = plan(); !planned) return planned;
    }
    while (m_next < m_header->tensors.size()) {
        const TorchTensor &tensor = m_header->tensors[m_next];
        if (tensor.contiguous && tensor.info.begin + tensor.info.bytes > available) return {};
        if (auto advanced = advance_by(*file, tensor, stop); !advanced) return advanced;
        ++m_next;
    }
    return {};
}

Result<void> FileConversion::advance_by(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop) {
    switch (m_steps[m_next]) {
        case Step::Convert:
            return convert(file, tensor, stop);
        case Step::Nothing:
            return {};
        case Step::Hold: {
            const auto source = TensorSource::open(file, tensor);
            if (!source) return source.error();
            return m_held.hold(m_name, tensor.info, *source, stop);
        }
        case Step::Restore: {
            Packed &packed = m_packed[m_last.at(m_next)];
            const auto parts = PartsOfFile::open(file, m_header->tensors, packed.weight);
            if (!parts) return parts.error();
            return restore(packed, *parts, stop);
        }
    }
    return {};
}

Result<void> FileConversion::convert_held(const std::stop_token &stop) {
    for (Packed &packed : m_packed) {
        if (packed.whole || packed.done) continue;
        const auto complete =
            packed.weight.complete(m_rules.decoder.foreign, [&](const std::string &name) { return m_held.find(name); });
        if (!complete) return complete.error();
        if (!*complete || !m_held.find(packed.weight.piece(ForeignWeight::CodesPart).name)) continue;
        if (auto restored = restore(packed, m_held, stop); !restored) return restored;
    }
    return {};
}

void FileConversion::forget(const std::string &other) {
    for (Packed &packed : m_packed)
        for (auto &piece : packed.weight.pieces) {
            if (packed.whole || !piece.found() || !m_held.is_from(piece.name, other)) continue;
            packed.done = false;
            piece.info = {};
        }
}

Result<std::vector<const ForeignWeight *>> FileConversion::packed() const {
    std::vector<const ForeignWeight *> all;
    for (const Packed &packed : m_packed) {
        all.push_back(&packed.weight);
        if (packed.done) continue;
        for (const auto &piece : packed.weight.pieces)
            if (piece.needed && !m_held.find(piece.name))
                return invalid_file("tensor \"", printable(piece.name), "\" is missing, which \"",
                                    printable(packed.weight.name), "\" needs");
        return invalid_file("tensor \"", printable(packed.weight.name), "\" is not restored");
    }
    return all;
}

/// The weight in 16 bits, or quantized.
Result<void> FileConversion::restore(Packed &packed, const ForeignBytes &bytes, const std::stop_token &stop) {
    // Only for the time of this call: the bytes are the caller's.
    auto opened = ForeignRows::open(packed.weight, std::shared_ptr<const ForeignBytes>(std::shared_ptr<void>(), &bytes));
    if (!opened) return std::move(opened).error();
    const TensorInfo stand = stand_in(m_rules.decoder, packed.weight);
    const LinearShape shape = linear_shape(m_rules.decoder, stand);
    const Rows rows = [&](std::int64_t first, std::int64_t count, float *to) { return opened->read(first, count, to); };
    const bool quantizes = fate_of(m_rules.decoder, stand, m_rules.scheme) == Fate::Quantize;
    if (auto made = quantizes ? quantize(stand, shape, rows, stop) : write_narrow(stand, shape, rows, stop); !made) return made;
    packed.done = true;
    return {};
}

Result<void> FileConversion::convert(const ArrivingFile &file, const TorchTensor &tensor, const std::stop_token &stop) {
    switch (fate_of(m_rules.decoder, tensor.info, m_rules.copy ? Scheme::Plain : m_rules.scheme)) {
        case Fate::Drop:
            return {};
        case Fate::Keep:
            return copy(file, tensor, stop);
        case Fate::Quantize:
            break;
    }
    const LinearShape shape = linear_shape(m_rules.decoder, tensor.info);
    auto source = TensorSource::open(file, tensor);
    if (!source) return std::move(source).error();
    const auto rows = [&](std::int64_t first, std::int64_t count, float *to) {
        return read_rows(*source, tensor.info.dtype, shape, first, count, to);
    };
    return quantize(tensor.info, shape, rows, stop);
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

Result<void> FileConversion::quantize(const TensorInfo &info, const LinearShape &shape, const Rows &rows,
                                      const std::stop_token &stop) {
    LinearQuantizer quantizer(m_rules.scheme, info.name, shape, info.dtype);
    const std::int64_t unit = quantizer.slice_rows(), step = unit * std::max<std::int64_t>(1, slice_values / (unit * shape.in));
    const std::uint64_t at = place(info.name);
    const auto quantized = each_slice(shape, step, [&](std::int64_t row, std::int64_t count, float *values) -> Result<void> {
        if (stop.stop_requested()) return cancelled();
        if (auto got = rows(row, count, values); !got) return got;
        std::vector<std::byte> codes(quantizer.code_bytes(count));
        if (auto added = quantizer.add(row, values, count, codes.data()); !added) return added;
        return m_output->write(at + quantizer.code_bytes(row), codes);
    });
    if (!quantized) return quantized;
    const auto beside = quantizer.finish();
    const auto tensors = quantized_tensors(info.name, shape, info.dtype, m_rules.scheme);
    for (std::size_t i = 0; i < beside.size(); ++i)
        if (auto put = m_output->write(place(tensors[i + 1].name), beside[i]); !put) return put;
    return {};
}

Result<void> FileConversion::write_narrow(const TensorInfo &info, const LinearShape &shape, const Rows &rows,
                                          const std::stop_token &stop) {
    const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
    const std::int64_t most = shape.transposed ? turned_values / cores : slice_values,
                       step = std::max<std::int64_t>(1, most / shape.in);
    return each_slice(shape, step, [&](std::int64_t row, std::int64_t count, float *values) -> Result<void> {
        if (stop.stop_requested()) return cancelled();
        if (auto got = rows(row, count, values); !got) return got;
        std::vector<std::byte> narrowed(static_cast<std::size_t>(count * shape.in * narrow_bytes));
        if (!narrow(info.dtype, values, static_cast<std::size_t>(count * shape.in), narrowed.data()))
            return invalid_file("tensor \"", printable(info.name), "\": holds NaN, infinity or what is beyond ",
                                name_of(info.dtype));
        const std::uint64_t at = place(info.name);
        if (shape.transposed) return write_turned(at, shape, row, count, narrowed);
        return m_output->write(at + static_cast<std::uint64_t>(row * shape.in * narrow_bytes), narrowed);
    });
}

/// Rows of a matrix, of 16 bits, as columns of the stored tensor at `at`.
Result<void> FileConversion::write_turned(std::uint64_t at, const LinearShape &shape, std::int64_t row, std::int64_t count,
                                          std::span<const std::byte> rows) {
    std::vector<std::byte> turned(rows.size());
    for (std::int64_t k = 0; k < shape.in; ++k)
        for (std::int64_t i = 0; i < count; ++i)
            std::memcpy(turned.data() + (k * count + i) * narrow_bytes, rows.data() + (i * shape.in + k) * narrow_bytes,
                        narrow_bytes);
    const std::int64_t inside = row % shape.out, matrix = (row - inside) * shape.in;
    at += static_cast<std::uint64_t>((matrix + inside) * narrow_bytes);
    if (count == shape.out) return m_output->write(at, turned);
    const std::span<const std::byte> columns = turned;
    const auto line = static_cast<std::size_t>(count * narrow_bytes);
    for (std::int64_t k = 0; k < shape.in; ++k)
        if (auto put = m_output->write(at + static_cast<std::uint64_t>(k * shape.out * narrow_bytes),
                                       columns.subspan(static_cast<std::size_t>(k) * line, line));
            !put)
            return put;
    return {};
}

}  // namespace millm::engine
