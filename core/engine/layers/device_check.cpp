#include "core/engine/layers/device_check.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_runtime.h"

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

namespace millm::engine {

namespace {

/// Small tensors of the device, and each kernel beside what libtorch makes of the same.
class Check {
public:
    Check(at::Device device, at::ScalarType type) : runtime_(*device_runtime(device)), device_(device), type_(type) {}

    bool norm() const {
        constexpr std::int64_t rows = 3, size = 72;
        const at::Tensor x = numbers({rows, size}, 1), branch = numbers({rows, size}, 2),
                         weight = numbers({size}, 3, at::kFloat);
        at::Tensor sum = at::zeros_like(x), out = at::zeros_like(x);
        cuda::NormRows n;
        n.type = kernel_type(type_);
        n.x = x.const_data_ptr();
        n.branch = branch.const_data_ptr();
        n.sum = sum.mutable_data_ptr();
        n.out = out.mutable_data_ptr();
        n.weight = weight.const_data_ptr<float>();
        n.rows = rows;
        n.size = size;
        n.eps = 1e-5F;
        runtime_.kernels.norm(n, begin());
        const at::Tensor added = at::add(x, branch), wide = added.to(at::kFloat);
        return alike(sum, added) && alike(out, wide * at::rsqrt(wide.square().mean(-1, true) + 1e-5) * weight);
    }

    bool activate() const {
        const at::Tensor gate = numbers({3, 40}, 1), up = numbers({3, 40}, 2);
        at::Tensor out = at::zeros_like(gate);
        cuda::ActivateRows a;
        a.type = kernel_type(type_);
        a.gate = gate.const_data_ptr();
        a.up = up.const_data_ptr();
        a.out = out.mutable_data_ptr();
        a.gate_stride = a.up_stride = a.out_stride = a.size = 40;
        a.rows = 3;
        runtime_.kernels.activate(a, begin());
        return alike(out, at::silu(gate.to(at::kFloat)) * up.to(at::kFloat));
    }

    bool prepare() const {
        constexpr std::int64_t rows = 2, heads = 3, dims = 32, half = 16;
        const Pages pages(*this, heads, dims);
        const at::Tensor x = numbers({rows, heads, dims}, 1), cos = numbers({rows, half}, 2, at::kFloat),
                         sin = numbers({rows, half}, 3, at::kFloat),
                         part = at::zeros({rows}, at::TensorOptions(at::kInt).device(device_)),
                         position = at::arange(5, 5 + rows, part.options());
        at::Tensor turned = x.clone();
        cuda::PrepareHeads h;
        h.type = kernel_type(type_);
        h.queries = turned.mutable_data_ptr();
        h.keys = h.values = x.const_data_ptr();
        h.query_stride = h.key_stride = h.value_stride = heads * dims;
        h.rows = rows;
        h.heads = h.kv_heads = heads;
        h.dims = dims;
        h.cos = cos.const_data_ptr<float>();
        h.sin = sin.const_data_ptr<float>();
        h.half = half;
        h.table = {pages.table(), part.const_data_ptr<std::int32_t>(), position.const_data_ptr<std::int32_t>(), 1, 2};
        runtime_.kernels.prepare(h, begin());
        const at::Tensor first = x.narrow(2, 0, half).to(at::kFloat), second = x.narrow(2, half, half).to(at::kFloat),
                         c = cos.unsqueeze(1), s = sin.unsqueeze(1);
        const at::Tensor expected = at::cat({first * c - second * s, second * c + first * s}, 2);
        const auto written = [&](const at::Tensor &page) { return page.narrow(1, 5, rows).transpose(0, 1); };
        return alike(turned, expected) && alike(written(pages.keys), expected) && alike(written(pages.values), x);
    }

    bool attend() const {
        constexpr std::int64_t rows = 2, heads = 4, kv_heads = 2, dims = 32, length = 40;
        Pages pages(*this, kv_heads, dims);
        if (!runtime_.kernels.can_attend(kernel_type(type_), dims, dims)) return true;
        const at::Tensor queries = numbers({rows, heads, dims}, 1);
        std::vector<cuda::QueryTile> list;
        cuda::add_tiles(list, 0, 0, length - rows, rows, heads / kv_heads);
        static_assert(sizeof(cuda::QueryTile) % sizeof(std::int32_t) == 0);
        const at::Tensor tiles =
            at::from_blob(list.data(),
                          {static_cast<std::int64_t>(list.size() * sizeof(cuda::QueryTile) / sizeof(std::int32_t))}, at::kInt)
                .clone()
                .to(device_);
        at::Tensor out = at::zeros_like(queries);
        cuda::Attend a;
        a.type = kernel_type(type_);
        a.queries = queries.const_data_ptr();
        a.out = out.mutable_data_ptr();
        a.query_stride = heads * dims;
        a.rows = rows;
        a.heads = heads;
        a.kv_heads = kv_heads;
        a.dims = a.value_dims = a.page_value_dims = dims;
        a.tiles = reinterpret_cast<const cuda::QueryTile *>(tiles.const_data_ptr<std::int32_t>());
        a.tile_count = static_cast<std::int64_t>(list.size());
        a.table = {pages.table(), nullptr, nullptr, 1, 2};
        a.scale = 0.2F;
        runtime_.kernels.attend(a, begin());
        std::vector<at::Tensor> expected;
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::int64_t seen = length - rows + row + 1;
            const auto of = [&](const at::Tensor &page) {  // [heads, seen, dims]
                return page.narrow(1, 0, seen).to(at::kFloat).repeat_interleave(heads / kv_heads, 0);
            };
            const at::Tensor query = queries.select(0, row).to(at::kFloat).unsqueeze(1);
            expected.push_back(
                at::bmm(at::bmm(query, of(pages.keys).transpose(1, 2)).mul(0.2).softmax(-1), of(pages.values)).squeeze(1));
        }
        return alike(out, at::stack(expected));
    }

    bool four_bit() const {
        constexpr std::int64_t out = 48, in = 96, block = 32;
        const at::Tensor
            packed = at::arange(out * in / 2, at::TensorOptions(at::kLong)).mul_(37).remainder_(256).to(device_, at::kByte),
            absmax = numbers({out * in / block}, 1, at::kFloat), code = numbers({16}, 2, at::kFloat);
        const at::Tensor nibbles =
            at::stack({packed.to(at::kLong).div(16, "floor"), packed.to(at::kLong).remainder(16)}, 1).flatten();
        const at::Tensor weight = (code.index_select(0, nibbles).view({-1, block}) * absmax.unsqueeze(1)).view({out, in});
        const cuda::FourBitMatrix matrix{
            packed.const_data_ptr<std::uint8_t>(), absmax.const_data_ptr<float>(), code.const_data_ptr<float>(), out, in, 5};
        return products(matrix, weight, runtime_.kernels.widen_four_bit, runtime_.kernels.multiply_four_bit);
    }

    bool int8() const {
        constexpr std::int64_t out = 48, in = 96;
        const at::Tensor
            codes =
                at::arange(out * in, at::TensorOptions(at::kLong)).mul_(37).remainder_(255).sub_(127).to(device_, at::kChar),
            scale = numbers({out}, 1, at::kFloat);
        const cuda::Int8Matrix matrix{codes.const_data_ptr<std::int8_t>(), scale.const_data_ptr<float>(), out, in};
        return products(matrix, codes.view({out, in}).to(at::kFloat) * scale.unsqueeze(1), runtime_.kernels.widen_int8,
                        runtime_.kernels.multiply_int8);
    }

    bool largest() const {
        const at::Tensor rows = numbers({3, 500}, 1, at::kFloat);
        at::Tensor places = at::zeros({3}, rows.options().dtype(at::kInt));
        runtime_.kernels.largest(rows.const_data_ptr<float>(), 3, 500, places.mutable_data_ptr<std::int32_t>(), begin());
        runtime_.check();
        return places.to(at::kCPU, at::kLong).equal(rows.argmax(1).to(at::kCPU));
    }

private:
    /// One page of a sequence.
    struct Pages {
        at::Tensor keys, values, places;
        Pages(const Check &check, std::int64_t heads, std::int64_t dims)
            : keys(check.numbers({heads, page_tokens, dims}, 7)), values(check.numbers({heads, page_tokens, dims}, 8)) {
            const auto place = [](const at::Tensor &page) {
                return static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(page.const_data_ptr()));
            };
            places = at::tensor({place(keys), place(values)}, at::kLong).to(check.device_);
        }
        const void *const *table() const {
            return reinterpret_cast<const void *const *>(places.const_data_ptr<std::int64_t>());
        }
    };

    void *begin() const { return runtime_.enter(device_); }

    /// Values between -1 and 1 that differ by `seed`.
    at::Tensor numbers(at::IntArrayRef shape, int seed, std::optional<at::ScalarType> type = {}) const {
        std::int64_t count = 1;
        for (const std::int64_t extent : shape) count *= extent;
        return at::arange(count, at::TensorOptions(at::kFloat))
            .mul_(0.7 + 0.31 * seed)
            .add_(seed)
            .sin_()
            .view(shape)
            .to(device_, type.value_or(type_));
    }

    bool alike(const at::Tensor &got, const at::Tensor &expected) const {
        runtime_.check();
        const double allowed = type_ == at::kFloat ? 1e-4 : type_ == at::kHalf ? 1e-2 : 6e-2;
        const at::Tensor wide = expected.to(at::kFloat), apart = (got.to(at::kFloat) - wide).abs() - wide.abs() * allowed;
        return apart.le(allowed).all().item<bool>();  // false of what is no number
    }

    template <class Matrix>
    bool products(const Matrix &matrix, const at::Tensor &weight, void (*widen)(const Matrix &, cuda::Type, void *, void *),
                  void (*multiply)(const cuda::Products<Matrix> &, void *)) const {
        at::Tensor widened = at::zeros({matrix.out, matrix.in}, weight.options().dtype(type_));
        widen(matrix, kernel_type(type_), widened.mutable_data_ptr(), begin());
        if (!alike(widened, weight)) return false;
        for (const std::int64_t rows : {2, 20}) {
            const at::Tensor x = numbers({rows, matrix.in}, 5).div_(static_cast<double>(matrix.in));
            at::Tensor y = at::zeros({rows, matrix.out}, x.options());
            cuda::Products<Matrix> p;
            p.type = kernel_type(type_);
            p.matrices[0] = matrix;
            p.y[0] = y.mutable_data_ptr();
            p.x = x.const_data_ptr();
            p.rows = rows;
            multiply(p, begin());
            if (!alike(y, at::mm(x.to(at::kFloat), weight.t()))) return false;
        }
        return true;
    }

    const DeviceRuntime &runtime_;
    at::Device device_;
    at::ScalarType type_;
};

}  // namespace

std::string check_device_kernels(at::Device device, at::ScalarType type) {
    const DeviceRuntime *present = device_runtime(device);
    if (present == nullptr) return {};
    DeviceRuntime runtime = *present;
    const Check check(device, type);
    std::string failed;
    const auto judge = [&](const char *name, bool there, bool (Check::*works)() const, const std::function<void()> &remove) {
        if (!there) return;
        std::string reason = "gives other numbers than libtorch";
        try {
            if ((check.*works)()) return;
        } catch (const std::exception &error) {
            reason = error.what();
            reason = reason.substr(0, reason.find('\n'));
        }
        failed += (failed.empty() ? "" : "; ") + std::string(name) + ": " + reason;
        remove();
    };
    cuda::Kernels &kernels = runtime.kernels;
    judge("norms", kernels.norm != nullptr, &Check::norm, [&] { kernels.norm = nullptr; });
    judge("activations", kernels.activate != nullptr, &Check::activate, [&] { kernels.activate = nullptr; });
    judge("rotary positions", kernels.prepare != nullptr, &Check::prepare, [&] { kernels.prepare = nullptr; });
    judge("attention", kernels.attend != nullptr, &Check::attend, [&] { kernels.attend = nullptr; });
    judge("products in 4 bits", kernels.multiply_four_bit != nullptr, &Check::four_bit,
          [&] { kernels.multiply_four_bit = nullptr; });
    judge("products in 8 bits", kernels.multiply_int8 != nullptr, &Check::int8, [&] { kernels.multiply_int8 = nullptr; });
    judge("the likeliest token", kernels.largest != nullptr, &Check::largest, [&] { kernels.largest = nullptr; });
    if (failed.empty()) return {};
    set_device_runtime(device.type(), runtime);
    return "the device does not run some of the engine's kernels, libtorch's functions take their place (" + failed + ")";
}

}  // namespace millm::engine
