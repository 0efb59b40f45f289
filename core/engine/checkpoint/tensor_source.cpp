#include "core/engine/checkpoint/tensor_source.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/quantization/kernels.h"

#include <algorithm>

namespace millm::engine {

Result<TensorSource> TensorSource::open(const ArrivingFile &file, const TorchTensor &tensor) {
    TensorSource source(file, tensor);
    if (tensor.contiguous) return source;
    auto bytes = file.gathered(tensor);
    if (!bytes) return std::move(bytes).error();
    source.m_gathered = *std::move(bytes);
    return source;
}

Result<void> TensorSource::read(std::uint64_t offset, std::span<std::byte> to) const {
    if (m_tensor->contiguous) return m_file->read(m_tensor->info.begin + offset, to);
    std::copy_n(m_gathered.data() + offset, to.size(), to.data());
    return {};
}

Result<void> read_rows(const TensorSource &source, DType dtype, const LinearShape &shape, std::int64_t first, std::int64_t rows,
                       float *values) {
    const auto width = static_cast<std::int64_t>(size_of(dtype));
    std::vector<std::byte> raw(static_cast<std::size_t>(rows * shape.in * width));
    if (!shape.transposed) {
        if (auto got = source.read(static_cast<std::uint64_t>(first * shape.in * width), raw); !got) return got;
        widen(dtype, raw.data(), static_cast<std::size_t>(rows * shape.in), values);
        return {};
    }
    // Stored as [in, out]: a piece of every stored row, then turned.
    const auto line_bytes = static_cast<std::size_t>(rows * width);
    const std::int64_t line = first / shape.out * shape.in, column = first % shape.out;
    for (std::int64_t k = 0; k < shape.in; ++k)
        if (auto got = source.read(static_cast<std::uint64_t>(((line + k) * shape.out + column) * width),
                                   std::span(raw).subspan(static_cast<std::size_t>(k) * line_bytes, line_bytes));
            !got)
            return got;
    constexpr std::int64_t tile = 16;
    std::vector<float> lines(static_cast<std::size_t>(rows * tile));
    for (std::int64_t k = 0; k < shape.in; k += tile) {
        const std::int64_t count = std::min(tile, shape.in - k);
        widen(dtype, raw.data() + static_cast<std::size_t>(k) * line_bytes, static_cast<std::size_t>(count * rows),
              lines.data());
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t j = 0; j < count; ++j)
                values[row * shape.in + k + j] = lines[static_cast<std::size_t>(j * rows + row)];
    }
    return {};
}

Result<PartsOfFile> PartsOfFile::open(const ArrivingFile &file, const std::vector<TorchTensor> &tensors,
                                      const ForeignWeight &weight) {
    PartsOfFile parts;
    for (const TorchTensor &tensor : tensors) {
        const auto is_it = [&](const ForeignWeight::Piece &piece) { return piece.found() && piece.name == tensor.info.name; };
        if (std::ranges::none_of(weight.pieces, is_it)) continue;
        auto source = TensorSource::open(file, tensor);
        if (!source) return std::move(source).error();
        parts.m_sources.emplace(tensor.info.name, *std::move(source));
    }
    return parts;
}

Result<void> PartsOfFile::read(const TensorInfo &tensor, std::uint64_t offset, std::span<std::byte> to) const {
    const auto source = m_sources.find(tensor.name);
    if (source == m_sources.end()) return invalid_file("tensor \"", printable(tensor.name), "\" is not in the file");
    return source->second.read(offset, to);
}

}  // namespace millm::engine
