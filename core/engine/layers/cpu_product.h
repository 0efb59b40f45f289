#pragma once

#include "core/engine/layers/linear.h"

#include <span>
#include <vector>

namespace millm::engine {

/// The forms of inputs that are rounded to integers, of one byte and of two.
inline constexpr int narrow_form = 0, wide_form = 1;

/// A linear layer of the CPU: float32 rows are arranged for the kernel, then multiplied in units of the weight's rows.
class CpuProduct : public Linear {
public:
    at::Tensor forward(const at::Tensor &x) const override;

    void set_bias(at::Tensor bias) { bias_ = std::move(bias); }
    const at::Tensor &bias() const { return bias_; }

    virtual std::int64_t in() const = 0;
    virtual std::int64_t out() const = 0;
    /// Two layers of one number of inputs whose arranged inputs are the same have the same form.
    virtual int input_form() const = 0;
    /// x [rows, in] as multiply() reads it.
    virtual at::Tensor arrange(const at::Tensor &x) const = 0;
    /// Rows of the weight that one unit is made of.
    virtual std::int64_t unit() const = 0;
    /// Units [first, last) of all rows of the input into y [rows, out].
    virtual void multiply(const void *input, std::int64_t rows, std::int64_t first, std::int64_t last, float *y) const = 0;

    std::int64_t units() const { return (out() + unit() - 1) / unit(); }
    bool reads_like(const CpuProduct &other) const { return in() == other.in() && input_form() == other.input_form(); }

private:
    at::Tensor bias_;  ///< [out] f32, or undefined
};

/// What each of `products` makes of x, in one run of the threads: all of them read alike.
std::vector<at::Tensor> multiply_together(std::span<const CpuProduct *const> products, const at::Tensor &x);

}  // namespace millm::engine
