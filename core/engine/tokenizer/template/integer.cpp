#include "core/engine/tokenizer/template/integer.h"

#include "core/engine/decimal.h"
#include "core/engine/tokenizer/template/failure.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace millm::engine::jinja {

namespace {

constexpr std::size_t most_digits = 4096 / 32;

[[noreturn]] void fail_zero() {
    throw Failure(Failure::Kind::ZeroDivision, "integer division or modulo by zero");
}

template <class Digits>
void trim(Digits &digits) {
    while (!digits.empty() && digits.back() == 0) digits.pop_back();
}

}  // namespace

Integer Integer::make(bool negative, Digits digits) {
    trim(digits);
    if (digits.size() > most_digits) fail_limit("a number has more than 4096 bits");
    if (digits.size() <= 2) {
        std::uint64_t magnitude = 0;
        for (std::size_t i = digits.size(); i-- > 0;) magnitude = magnitude << 32 | digits[i];
        constexpr auto most = std::uint64_t(std::numeric_limits<std::int64_t>::max());
        if (magnitude <= most) return Integer(negative ? -std::int64_t(magnitude) : std::int64_t(magnitude));
        if (negative && magnitude == most + 1) return Integer(std::numeric_limits<std::int64_t>::min());
    }
    Integer out;
    out.m_large = std::make_shared<const Large>(Large{negative, std::move(digits)});
    return out;
}

Integer::Large Integer::large() const {
    if (m_large) return *m_large;
    auto magnitude = m_small < 0 ? ~std::uint64_t(m_small) + 1 : std::uint64_t(m_small);
    Large out{m_small < 0, {}};
    for (; magnitude > 0; magnitude >>= 32) out.digits.push_back(std::uint32_t(magnitude));
    return out;
}

std::optional<std::int64_t> Integer::small() const {
    if (m_large) return std::nullopt;
    return m_small;
}

std::optional<Integer> Integer::parse(std::string_view text, int base) {
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    if (text.empty()) return std::nullopt;
    Digits digits;
    for (const char c : text) {
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'z' ? c - 'a' + 10
                          : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                                 : 99;
        if (digit >= base) return std::nullopt;
        std::uint64_t carry = std::uint64_t(digit);
        for (auto &place : digits) {
            carry += std::uint64_t(place) * std::uint64_t(base);
            place = std::uint32_t(carry);
            carry >>= 32;
        }
        if (carry > 0) digits.push_back(std::uint32_t(carry));
        if (digits.size() > most_digits) fail_limit("a number has more than 4096 bits");
    }
    return make(negative, std::move(digits));
}

Integer Integer::from_double(double value) {
    const double whole = std::trunc(value);
    if (std::abs(whole) < 9e18) return Integer(std::int64_t(whole));
    int exponent = 0;
    const auto mantissa = std::uint64_t(std::ldexp(std::frexp(std::abs(whole), &exponent), 53));
    Digits digits(std::size_t(exponent - 53) / 32, 0);
    const int shift = (exponent - 53) % 32;
    digits.push_back(std::uint32_t(mantissa << shift));
    digits.push_back(std::uint32_t(mantissa >> (32 - shift)));
    digits.push_back(shift == 0 ? 0 : std::uint32_t(mantissa >> 32 >> (32 - shift)));
    return make(whole < 0, std::move(digits));
}

double Integer::to_double() const {
    if (!m_large) return double(m_small);
    // Correctly rounded by way of the decimal digits.
    return *decimal_value(to_string());
}

std::string Integer::to_string(int base) const {
    if (!m_large && base == 10) return std::to_string(m_small);
    auto [negative, digits] = large();
    std::string out;
    while (!digits.empty()) {
        const auto digit = divide_small(digits, std::uint32_t(base));
        out.push_back(char(digit < 10 ? '0' + digit : 'a' + digit - 10));
    }
    if (out.empty()) out = "0";
    if (negative) out.push_back('-');
    std::reverse(out.begin(), out.end());
    return out;
}

std::size_t Integer::hash() const {
    if (!m_large) return std::hash<std::int64_t>()(m_small);
    return std::hash<double>()(to_double());
}

Integer Integer::operator-() const {
    if (!m_large && m_small != std::numeric_limits<std::int64_t>::min()) return Integer(-m_small);
    auto out = large();
    return make(!out.negative, std::move(out.digits));
}

Integer::Digits Integer::add(const Digits &a, const Digits &b) {
    Digits out;
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()) || carry > 0; ++i) {
        carry += (i < a.size() ? a[i] : 0ULL) + (i < b.size() ? b[i] : 0ULL);
        out.push_back(std::uint32_t(carry));
        carry >>= 32;
    }
    return out;
}

Integer::Digits Integer::subtract(const Digits &a, const Digits &b) {
    Digits out;
    std::int64_t borrow = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::int64_t digit = std::int64_t(a[i]) - (i < b.size() ? std::int64_t(b[i]) : 0) - borrow;
        borrow = digit < 0;
        if (digit < 0) digit += std::int64_t(1) << 32;
        out.push_back(std::uint32_t(digit));
    }
    trim(out);
    return out;
}

std::strong_ordering Integer::compare(const Digits &a, const Digits &b) {
    if (a.size() != b.size()) return a.size() <=> b.size();
    for (std::size_t i = a.size(); i-- > 0;) {
        if (a[i] != b[i]) return a[i] <=> b[i];
    }
    return std::strong_ordering::equal;
}

std::uint32_t Integer::divide_small(Digits &digits, std::uint32_t divisor) {
    std::uint64_t rest = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
        rest = rest << 32 | digits[i];
        digits[i] = std::uint32_t(rest / divisor);
        rest %= divisor;
    }
    trim(digits);
    return std::uint32_t(rest);
}

std::pair<Integer::Digits, Integer::Digits> Integer::divide(const Digits &a, const Digits &b) {
    if (b.size() == 1) {
        Digits quotient = a;
        const auto rest = divide_small(quotient, b[0]);
        return {std::move(quotient), rest == 0 ? Digits() : Digits{rest}};
    }
    // Bit by bit: numbers are short here.
    Digits quotient(a.size(), 0), rest;
    for (std::size_t bit = a.size() * 32; bit-- > 0;) {
        std::uint32_t carry = a[bit / 32] >> (bit % 32) & 1;
        for (auto &digit : rest) {
            const auto next = digit >> 31;
            digit = digit << 1 | carry;
            carry = next;
        }
        if (carry > 0) rest.push_back(carry);
        if (compare(rest, b) >= 0) {
            rest = subtract(rest, b);
            quotient[bit / 32] |= std::uint32_t(1) << (bit % 32);
        }
    }
    return {std::move(quotient), std::move(rest)};
}

Integer operator+(const Integer &a, const Integer &b) {
    std::int64_t sum = 0;
    if (!a.m_large && !b.m_large && !__builtin_add_overflow(a.m_small, b.m_small, &sum)) return Integer(sum);
    const auto x = a.large(), y = b.large();
    if (x.negative == y.negative) return Integer::make(x.negative, Integer::add(x.digits, y.digits));
    if (Integer::compare(x.digits, y.digits) >= 0) return Integer::make(x.negative, Integer::subtract(x.digits, y.digits));
    return Integer::make(y.negative, Integer::subtract(y.digits, x.digits));
}

Integer operator-(const Integer &a, const Integer &b) {
    std::int64_t difference = 0;
    if (!a.m_large && !b.m_large && !__builtin_sub_overflow(a.m_small, b.m_small, &difference)) return Integer(difference);
    return a + -b;
}

Integer operator*(const Integer &a, const Integer &b) {
    std::int64_t product = 0;
    if (!a.m_large && !b.m_large && !__builtin_mul_overflow(a.m_small, b.m_small, &product)) return Integer(product);
    const auto x = a.large(), y = b.large();
    Integer::Digits out(x.digits.size() + y.digits.size(), 0);
    for (std::size_t i = 0; i < x.digits.size(); ++i) {
        std::uint64_t carry = 0;
        for (std::size_t k = 0; k < y.digits.size() || carry > 0; ++k) {
            carry += out[i + k] + (k < y.digits.size() ? std::uint64_t(x.digits[i]) * y.digits[k] : 0);
            out[i + k] = std::uint32_t(carry);
            carry >>= 32;
        }
    }
    return Integer::make(x.negative != y.negative, std::move(out));
}

std::pair<Integer, Integer> Integer::floor_division(const Integer &a, const Integer &b) {
    if (b.zero()) fail_zero();
    const bool overflows = a.small() == std::numeric_limits<std::int64_t>::min() && b.small() == -1;
    Integer quotient, rest;
    if (!a.m_large && !b.m_large && !overflows) {
        quotient = a.m_small / b.m_small;
        rest = a.m_small % b.m_small;
    } else {
        const auto x = a.large(), y = b.large();
        auto [q, r] = divide(x.digits, y.digits);
        quotient = make(x.negative != y.negative, std::move(q));
        rest = make(x.negative, std::move(r));
    }
    if (!rest.zero() && rest.negative() != b.negative()) return {quotient - Integer(1), rest + b};
    return {quotient, rest};
}

Integer floor_divide(const Integer &a, const Integer &b) {
    return Integer::floor_division(a, b).first;
}
Integer floor_modulo(const Integer &a, const Integer &b) {
    return Integer::floor_division(a, b).second;
}

Integer power(const Integer &base, const Integer &exponent) {
    if (base == Integer(1) || exponent.zero()) return Integer(1);
    if (base.zero()) return Integer(0);
    auto left = exponent.small().value_or(std::numeric_limits<std::int64_t>::max());
    if (base == Integer(-1)) return Integer(floor_modulo(exponent, Integer(2)).zero() ? 1 : -1);
    if (left > 4096) fail_limit("a number has more than 4096 bits");
    Integer out(1), square = base;
    for (;; square = square * square) {
        if (left & 1) out = out * square;
        left >>= 1;
        if (left == 0) return out;
    }
}

std::strong_ordering operator<=>(const Integer &a, const Integer &b) {
    if (!a.m_large && !b.m_large) return a.m_small <=> b.m_small;
    const auto x = a.large(), y = b.large();
    if (x.negative != y.negative) return x.negative ? std::strong_ordering::less : std::strong_ordering::greater;
    return x.negative ? Integer::compare(y.digits, x.digits) : Integer::compare(x.digits, y.digits);
}

}  // namespace millm::engine::jinja
