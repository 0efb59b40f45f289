#pragma once

// What tests of the device's kernels compute with, on the host.
#include "tests/core/engine/runtime/host_kernels.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace millm::engine::cuda::test {

inline constexpr Type types[] = {Type::F32, Type::F16, Type::BF16};

inline std::size_t size_of(Type type) {
    return type == Type::F32 ? 4 : 2;
}

/// What one rounding to a type may cost, of the value's size.
inline double unit_of(Type type) {
    return type == Type::F32 ? 0x1p-23 : type == Type::F16 ? 0x1p-11 : 0x1p-8;
}

/// Numbers as a type holds them.
class Values {
public:
    Values(Type type, std::size_t count) : type_(type), bytes_(count * size_of(type)) {}
    static Values random(Type type, std::size_t count, unsigned seed) {
        Values values(type, count);
        std::mt19937 numbers(seed);
        std::uniform_real_distribution<float> uniform(-1, 1);
        for (std::size_t i = 0; i < count; ++i) values.set(i, uniform(numbers));
        return values;
    }
    /// Patterns that are no numbers.
    static Values none(Type type, std::size_t count) {
        Values values(type, count);
        std::ranges::fill(values.bytes_, static_cast<unsigned char>(0xFF));
        return values;
    }
    void set(std::size_t i, float value) {
        if (type_ == Type::F32) put(i, value);
        if (type_ == Type::F16) put(i, static_cast<_Float16>(value));
        if (type_ == Type::BF16) put(i, static_cast<__bf16>(value));
    }
    double operator[](std::size_t i) const {
        if (type_ == Type::F32) return get<float>(i);
        if (type_ == Type::F16) return static_cast<float>(get<_Float16>(i));
        return static_cast<float>(get<__bf16>(i));
    }
    void *data() { return bytes_.data(); }
    const void *data() const { return bytes_.data(); }
    std::size_t size() const { return bytes_.size() / size_of(type_); }

private:
    template <class T>
    void put(std::size_t i, T value) {
        std::memcpy(bytes_.data() + i * sizeof value, &value, sizeof value);
    }
    template <class T>
    T get(std::size_t i) const {
        T value;
        std::memcpy(&value, bytes_.data() + i * sizeof value, sizeof value);
        return value;
    }
    Type type_;
    std::vector<unsigned char> bytes_;
};

inline std::vector<float> random_floats(std::size_t count, unsigned seed) {
    std::mt19937 numbers(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> values(count);
    for (float &value : values) value = uniform(numbers);
    return values;
}

/// Sequences in pages, of which those behind a sequence's tokens hold no numbers.
struct Cache {
    Type type;
    std::int64_t kv_heads, dims, value_dims, capacity;
    int planes;
    std::vector<std::int64_t> lengths;
    std::vector<Values> pages;
    std::vector<const void *> table;

    Cache(Type type_, std::int64_t kv_heads_, std::int64_t dims_, std::int64_t value_dims_, int planes_,
          std::vector<std::int64_t> lengths_, bool filled)
        : type(type_),
          kv_heads(kv_heads_),
          dims(dims_),
          value_dims(value_dims_),
          capacity(0),
          planes(planes_),
          lengths(std::move(lengths_)) {
        for (const std::int64_t length : lengths) capacity = std::max(capacity, (length + page_tokens - 1) / page_tokens + 1);
        unsigned seed = 100;
        for (const std::int64_t length : lengths) {
            for (std::int64_t page = 0; page < capacity; ++page) {
                for (int plane = 0; plane < planes; ++plane) {
                    const std::int64_t dim = plane == 0 ? dims : value_dims;
                    Values values = Values::none(type, static_cast<std::size_t>(kv_heads * page_tokens * dim));
                    const std::vector<float> numbers = random_floats(values.size(), ++seed);
                    for (std::int64_t head = 0; head < kv_heads; ++head)
                        for (std::int64_t t = 0; filled && t < page_tokens && page * page_tokens + t < length; ++t)
                            for (std::int64_t d = 0; d < dim; ++d) {
                                const auto place = static_cast<std::size_t>((head * page_tokens + t) * dim + d);
                                values.set(place, numbers[place]);
                            }
                    pages.push_back(std::move(values));
                }
            }
        }
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const auto page = static_cast<std::int64_t>(i) / planes % capacity;
            const std::int64_t length = lengths[i / static_cast<std::size_t>(planes * capacity)];
            table.push_back(page * page_tokens < length ? pages[i].data() : nullptr);
        }
    }
    double at(std::int64_t part, std::int64_t token, int plane, std::int64_t head, std::int64_t d) const {
        const auto page = static_cast<std::size_t>((part * capacity + token / page_tokens) * planes + plane);
        return pages[page][static_cast<std::size_t>(
            (head * page_tokens + token % page_tokens) * (plane == 0 ? dims : value_dims) + d)];
    }
};

}  // namespace millm::engine::cuda::test
