// What lies between the matrices, a row at a time. Included after products.inl. The last values of a row take the same
// arithmetic as the others, so that a result does not depend on how rows are cut.

inline void rms_norm(const float *x, const float *weight, float eps, std::int64_t size, float *out) {
    V sums = V::zero();
    std::int64_t k = 0;
    for (; k + V::width <= size; k += V::width) {
        const V v = V::load(x + k);
        sums = V::fma(v, v, sums);
    }
    if (k < size) {
        const V v = part<ReadF32>(x + k, size - k);
        sums = V::fma(v, v, sums);
    }
    const float factor = 1.0F / std::sqrt(sums.sum() / static_cast<float>(size) + eps);
    const V factors = V::set(factor);
    for (k = 0; k + V::width <= size; k += V::width)
        V::mul(V::mul(V::load(x + k), factors), V::load(weight + k)).store(out + k);
    for (; k < size; ++k) out[k] = x[k] * factor * weight[k];
}

inline void rotate(float *x, const float *cos, const float *sin, std::int64_t half, bool interleaved) {
    const std::int64_t step = interleaved ? 2 : 1, apart = interleaved ? 1 : half;
    for (std::int64_t i = 0; i < half; ++i) {
        float &first = x[i * step], &second = x[i * step + apart];
        const float a = first, b = second;
        first = a * cos[i] - b * sin[i];
        second = b * cos[i] + a * sin[i];
    }
}

/// 1 / (1 + e^-x)
inline V sigmoid(V x) {
    return V::div(V::set(1.0F), V::add(V::set(1.0F), V::exp(V::mul(x, V::set(-1.0F)))));
}

struct Silu {
    static V of(V x) { return V::mul(x, sigmoid(x)); }
};
struct Relu {
    static V of(V x) { return V::max(x, V::zero()); }
};
struct ReluSquared {
    static V of(V x) {
        const V positive = V::max(x, V::zero());
        return V::mul(positive, positive);
    }
};
/// x (1 + tanh(u)) / 2 = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3)
struct GeluTanh {
    static V of(V x) {
        const V inner = V::fma(V::mul(V::mul(x, x), x), V::set(0.044715F), x);
        return V::mul(x, sigmoid(V::mul(inner, V::set(2 * 0.7978845608028654F))));
    }
};
/// x (1 + erf(x / sqrt 2)) / 2; erf within 1.5e-7 (Abramowitz and Stegun 7.1.26).
struct GeluErf {
    static V of(V x) {
        const V minus = V::set(-1.0F), one = V::set(1.0F);
        const V size = V::mul(V::max(x, V::mul(x, minus)), V::set(0.7071067811865476F));
        const V t = V::div(one, V::fma(size, V::set(0.3275911F), one));
        V poly = V::set(1.061405429F);
        constexpr float coefficients[] = {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F};
        for (const float coefficient : coefficients) poly = V::fma(poly, t, V::set(coefficient));
        // erfc(|x| / sqrt 2) / 2: what is missing to one on the right, what is there on the left.
        const V tail = V::mul(V::mul(V::mul(poly, t), V::exp(V::mul(V::mul(size, size), minus))), V::set(0.5F));
        const V size_x = V::max(x, V::mul(x, minus));
        // max(x, 0) - |x| tail: x (1 - tail) on the right, x tail on the left.
        return V::fma(V::mul(size_x, minus), tail, V::max(x, V::zero()));
    }
};

template <class F>
inline void apply(float *x, const float *up, std::int64_t size) {
    std::int64_t k = 0;
    for (; k + V::width <= size; k += V::width) {
        const V value = F::of(V::load(x + k));
        (up != nullptr ? V::mul(value, V::load(up + k)) : value).store(x + k);
    }
    if (k == size) return;
    const V value = F::of(part<ReadF32>(x + k, size - k));
    store_part(up != nullptr ? V::mul(value, part<ReadF32>(up + k, size - k)) : value, x + k, size - k);
}

inline void activate(Activation activation, float *x, const float *up, std::int64_t size) {
    switch (activation) {
        case Activation::Silu:
            return apply<Silu>(x, up, size);
        case Activation::GeluTanh:
            return apply<GeluTanh>(x, up, size);
        case Activation::GeluErf:
            return apply<GeluErf>(x, up, size);
        case Activation::Relu:
            return apply<Relu>(x, up, size);
        case Activation::ReluSquared:
            return apply<ReluSquared>(x, up, size);
        case Activation::ClampedSwish:
        case Activation::Xielu:
            break;  // not among these kernels
    }
}

constexpr Kernels make_kernels(const char *name) {
    return {name, false, false, V::tiles, false, input_bytes, arrange,  multiply, widen, arrange_packed<P>, multiply_packed<P>,
            attend, recur, rms_norm, rotate, activate};
}
