#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine::jinja {

/// Python's int: any size up to 4096 bits, then a Limit failure. Small ones are a machine word.
class Integer {
public:
    Integer(std::int64_t value = 0) : m_small(value) {}
    /// Digits of a base from 2 to 36 with an optional sign; nothing where there is anything else.
    static std::optional<Integer> parse(std::string_view digits, int base);
    /// Towards zero; `value` must be finite.
    static Integer from_double(double value);

    /// The value where it fits a machine word.
    std::optional<std::int64_t> small() const;
    double to_double() const;  ///< infinite where it does not fit
    std::string to_string(int base = 10) const;
    bool negative() const { return m_large ? m_large->negative : m_small < 0; }
    bool zero() const { return !m_large && m_small == 0; }
    std::size_t hash() const;

    Integer operator-() const;
    friend Integer operator+(const Integer &a, const Integer &b);
    friend Integer operator-(const Integer &a, const Integer &b);
    friend Integer operator*(const Integer &a, const Integer &b);
    /// Rounded towards minus infinity, the remainder with the divisor's sign; ZeroDivision.
    friend Integer floor_divide(const Integer &a, const Integer &b);
    friend Integer floor_modulo(const Integer &a, const Integer &b);
    /// `exponent` must not be negative.
    friend Integer power(const Integer &base, const Integer &exponent);
    friend std::strong_ordering operator<=>(const Integer &a, const Integer &b);
    friend bool operator==(const Integer &a, const Integer &b) { return (a <=> b) == 0; }

private:
    using Digits = std::vector<std::uint32_t>;  // base 2^32, the lowest first, no zero at the end
    struct Large {
        bool negative;
        Digits digits;
    };

    static Integer make(bool negative, Digits digits);
    Large large() const;
    static Digits add(const Digits &a, const Digits &b);
    static Digits subtract(const Digits &a, const Digits &b);  // a >= b
    static std::strong_ordering compare(const Digits &a, const Digits &b);
    static std::pair<Digits, Digits> divide(const Digits &a, const Digits &b);
    static std::uint32_t divide_small(Digits &digits, std::uint32_t divisor);
    static std::pair<Integer, Integer> floor_division(const Integer &a, const Integer &b);

    std::int64_t m_small = 0;
    std::shared_ptr<const Large> m_large;  // null where m_small holds the value
};

}  // namespace millm::engine::jinja
