#pragma once

#include "core/engine/checkpoint/arriving_file.h"
#include "core/engine/foreign/rows.h"
#include "core/engine/quantization/layout.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// The bytes of one tensor, read from the file or, where it is a view with strides, from a gathered copy. Outlived by both.
class TensorSource {
public:
    static Result<TensorSource> open(const ArrivingFile &file, const TorchTensor &tensor);
    Result<void> read(std::uint64_t offset, std::span<std::byte> to) const;

private:
    TensorSource(const ArrivingFile &file, const TorchTensor &tensor) : m_file(&file), m_tensor(&tensor) {}
    const ArrivingFile *m_file;
    const TorchTensor *m_tensor;
    std::vector<std::byte> m_gathered;
};

/// Rows [first, first + rows) of a plain [out, in] matrix, or of one of a stack's, as f32.
Result<void> read_rows(const TensorSource &source, DType dtype, const LinearShape &shape, std::int64_t first, std::int64_t rows,
                       float *values);

/// The parts of a packed weight that lie in one file. Any thread.
class PartsOfFile : public ForeignBytes {
public:
    /// `tensors` are all of the file's.
    static Result<PartsOfFile> open(const ArrivingFile &file, const std::vector<TorchTensor> &tensors,
                                    const ForeignWeight &weight);
    Result<void> read(const TensorInfo &tensor, std::uint64_t offset, std::span<std::byte> to) const override;

private:
    std::map<std::string, TensorSource> m_sources;
};

}  // namespace millm::engine
