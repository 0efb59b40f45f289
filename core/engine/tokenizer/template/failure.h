#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace millm::engine::jinja {

/// Why a template could not be parsed or rendered. Thrown inside the interpreter, caught at Template's door.
class Failure : public std::exception {
public:
    /// The kinds that filters must tell apart; in Python these are classes of exceptions.
    enum class Kind : std::uint8_t { Syntax, Undefined, Type, Value, Security, Overflow, ZeroDivision, Limit, Raised };

    Failure(Kind kind, std::string message, int line = 0) : m_kind(kind), m_message(std::move(message)), m_line(line) {}

    Kind kind() const { return m_kind; }
    const std::string &message() const { return m_message; }
    int line() const { return m_line; }  ///< 1-based; 0 where not known yet
    void set_line(int line) { m_line = line; }
    const char *what() const noexcept override { return m_message.c_str(); }

private:
    Kind m_kind;
    std::string m_message;
    int m_line;
};

[[noreturn]] inline void fail_type(std::string message) {
    throw Failure(Failure::Kind::Type, std::move(message));
}
[[noreturn]] inline void fail_value(std::string message) {
    throw Failure(Failure::Kind::Value, std::move(message));
}
[[noreturn]] inline void fail_limit(std::string message) {
    throw Failure(Failure::Kind::Limit, std::move(message));
}

}  // namespace millm::engine::jinja
