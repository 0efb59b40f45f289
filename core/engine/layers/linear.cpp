#include "core/engine/layers/linear.h"

#include "core/engine/foreign/numbers.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/cpu_linear.h"
#include "core/engine/layers/device_linear.h"
#include "core/engine/layers/device_runtime.h"
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
    Builder cpu, device;
};
const Row rows[] = {
    {make_plain_cpu_linear, make_plain_device_linear},
    {make_four_bit_cpu_linear, make_four_bit_device_linear},
    {make_int8_cpu_linear, make_int8_device_linear},
    {make_plain_cpu_linear, make_plain_device_linear},
};
static_assert(std::size(rows) == std::variant_size_v<decltype(StoredLinear::weight)>);

}  // namespace

std::vector<at::Tensor> Linear::forward_together(std::span<const Linear *const> all, const at::Tensor &x) const {
    std::vector<at::Tensor> results;
    for (const Linear *linear : all) results.push_back(linear->forward(x));
    return results;
}

std::unique_ptr<Linear> make_linear(const StoredLinear &stored, const Compute &compute) {
    const Row &row = rows[stored.weight.index()];
    return (device_runtime(compute.device) != nullptr ? row.device : row.cpu)(stored, compute);
}

std::unique_ptr<Linear> make_linear(const at::Tensor &weight, const Compute &compute) {
    return device_runtime(compute.device) != nullptr ? make_plain_device_linear(weight)
                                                     : make_plain_cpu_linear(weight, compute);
}

at::Tensor copy_to_device(std::span<const std::byte> bytes, at::IntArrayRef shape, at::ScalarType type, at::Device device) {
    const DeviceRuntime *runtime = device_runtime(device);
    const bool uploads = runtime != nullptr && runtime->upload != nullptr;
    at::Tensor tensor = at::empty(shape, at::TensorOptions(type).device(uploads ? device : at::Device(at::kCPU)));
    if (uploads)
        runtime->upload(device, bytes, tensor.data_ptr());
    else
        copy_in_parallel(bytes, tensor.data_ptr());
    return tensor.to(device);
}

at::Tensor load_tensor(const StoredTensor &stored, const Compute &compute, std::optional<at::ScalarType> type) {
    const std::optional<at::ScalarType> from = scalar_type(stored.info->dtype);
    TORCH_CHECK(from.has_value(), "tensor ", stored.info->name, " has a type that cannot be computed with");
    if (!type && *from == at::kDouble) type = at::kFloat;
    const at::ScalarType to = type.value_or(*from);
    // Copied before anything else reads it: files promise no more alignment than a byte.
    const at::Device device = compute.device;
    if (device_runtime(device) != nullptr) return copy_to_device(stored.bytes, stored.info->shape, *from, device).to(to);
    at::Tensor tensor =
        to == *from ? empty_weight(stored.info->shape, to) : at::empty(stored.info->shape, at::TensorOptions(*from));
    copy_in_parallel(stored.bytes, tensor.data_ptr());
    return tensor.to(to);
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
            if (stored.dtype == DType::F32) {
                dequantize_rows(stored, first, rows, reinterpret_cast<float *>(to) + first * stored.in);
                continue;
            }
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
