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
    /// Those that read arranged inputs of the same form, in one run of the threads.
    bool runs_with(const Linear &other) const override;
    std::vector<at::Tensor> forward_together(std::span<const Linear *const> all, const at::Tensor &x) const override;

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

private:
    at::Tensor bias_;  ///< [out] f32, or undefined
};

}  // namespace millm::engine
