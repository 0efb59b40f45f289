#include "core/engine/layers/linear.h"

#include "core/engine/foreign/numbers.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/cpu_linear.h"
#include "core/engine/layers/cuda_linear.h"
#include "core/engine/layers/parallel.h"
#include "core/engine/layers/weight_memory.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace millm::engine {

namespace {

/// Values of a packed weight that are restored together: some megabytes, of forms that lie by input enough for long reads.
constexpr std::int64_t restored_values = std::int64_t{1} << 21;

using Builder = std::unique_ptr<Linear> (*)(const StoredLinear &stored, const Compute &compute);

/// One row a stored form, in the order of StoredLinear's variant; append for a new quantization.
struct Row {
    Builder cpu, cuda;
};
const Row rows[] = {
    {make_plain_cpu_linear, make_plain_cuda_linear},
    {make_four_bit_cpu_linear, make_four_bit_cuda_linear},
    {make_int8_cpu_linear, make_int8_cuda_linear},
    {make_plain_cpu_linear, make_plain_cuda_linear},
};
static_assert(std::size(rows) == std::variant_size_v<decltype(StoredLinear::weight)>);

}  // namespace

std::unique_ptr<Linear> make_linear(const StoredLinear &stored, const Compute &compute) {
    const Row &row = rows[stored.weight.index()];
    return (compute.device.is_cuda() ? row.cuda : row.cpu)(stored, compute);
}

std::unique_ptr<Linear> make_linear(const at::Tensor &weight, const Compute &compute) {
    return compute.device.is_cuda() ? make_plain_cuda_linear(weight) : make_plain_cpu_linear(weight, compute);
}

at::Tensor load_tensor(const StoredTensor &stored, const Compute &compute, std::optional<at::ScalarType> type) {
    const std::optional<at::ScalarType> from = scalar_type(stored.info->dtype);
    TORCH_CHECK(from.has_value(), "tensor ", stored.info->name, " has a type that cannot be computed with");
    if (!type && *from == at::kDouble) type = at::kFloat;
    // Copied before anything else reads it: files promise no more alignment than a byte.
    const bool stays = compute.device.is_cpu() && type.value_or(*from) == *from;
    at::Tensor tensor =
        stays ? empty_weight(stored.info->shape, *from) : at::empty(stored.info->shape, at::TensorOptions(*from));
    auto *to = static_cast<std::byte *>(tensor.data_ptr());
    constexpr std::int64_t piece = std::int64_t{1} << 20;
    const auto size = static_cast<std::int64_t>(stored.bytes.size());
    parallel_rows(Loop::Pack, (size + piece - 1) / piece, 1, [&](std::int64_t first, std::int64_t last) {
        std::memcpy(to + first * piece, stored.bytes.data() + first * piece,
                    static_cast<std::size_t>(std::min(size, last * piece) - first * piece));
    });
    return stays ? tensor : tensor.to(compute.device, type.value_or(*from));
}

at::Tensor plain_weight(const StoredLinear &stored, const Compute &compute, std::optional<at::ScalarType> type) {
    if (const auto *plain = std::get_if<PlainWeight>(&stored.weight)) {
        at::Tensor tensor = load_tensor(plain->tensor, compute, type);
        return plain->transposed ? tensor.t().contiguous() : tensor;
    }
    // Widened a few rows at a time: the whole is never there in 32 bits.
    at::Tensor tensor = at::empty({stored.out, stored.in}, at::TensorOptions(*scalar_type(stored.dtype)));
    auto *to = static_cast<std::byte *>(tensor.data_ptr());
    const auto row_bytes = static_cast<std::int64_t>(size_of(stored.dtype)) * stored.in;
    const std::int64_t step = std::max<std::int64_t>(1, restored_values / stored.in), slices = (stored.out + step - 1) / step;
    parallel_rows(Loop::Pack, slices, 1, [&](std::int64_t slice, std::int64_t last) {
        std::vector<float> values(static_cast<std::size_t>(std::min(step, stored.out) * stored.in));
        for (; slice < last; ++slice) {
            const std::int64_t first = slice * step, rows = std::min(step, stored.out - first);
            dequantize_rows(stored, first, rows, values.data());
            narrow(stored.dtype, values.data(), static_cast<std::size_t>(rows * stored.in), to + first * row_bytes);
        }
    });
    return tensor.to(compute.device, type.value_or(tensor.scalar_type()));
}

void check_cpu_rows(const at::Tensor &x, std::int64_t in) {
    TORCH_CHECK(x.is_contiguous() && x.scalar_type() == at::kFloat && x.dim() == 2 && x.size(1) == in, "a linear layer of ", in,
                " inputs takes contiguous float32 rows, not ", x.sizes(), " of ", x.scalar_type());
}

}  // namespace millm::engine
