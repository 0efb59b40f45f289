#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace millm {

/// A value, or the error that kept it from being made. The house's way of failing: nothing throws across a layer's door.
/// (std::expected would do, but the engine also builds with compilers that lack it.)
template <class T, class E>
class [[nodiscard]] Outcome {
public:
    using value_type = T;
    using error_type = E;

    Outcome(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Outcome(E error) : m_state(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }

    /// The value; only where ok().
    T &value() & { return std::get<0>(m_state); }
    const T &value() const & { return std::get<0>(m_state); }
    T &&value() && { return std::get<0>(std::move(m_state)); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    /// The error; only where not ok().
    const E &error() const & { return std::get<1>(m_state); }
    E &&error() && { return std::get<1>(std::move(m_state)); }

private:
    std::variant<T, E> m_state;
};

/// The same for work that yields nothing but may fail.
template <class E>
class [[nodiscard]] Outcome<void, E> {
public:
    using value_type = void;
    using error_type = E;

    Outcome() = default;
    Outcome(E error) : m_state(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }
    const E &error() const & { return std::get<1>(m_state); }
    E &&error() && { return std::get<1>(std::move(m_state)); }

private:
    std::variant<std::monostate, E> m_state;
};

namespace engine {

enum class ErrorCode {
    InvalidFile,      ///< bytes that contradict themselves or their header
    InvalidArgument,  ///< the caller asked for something that cannot be (a token outside the vocabulary…)
    Unsupported,      ///< a well-formed model that this engine has no implementation for
    NeedsRemoteCode,  ///< would have to run code from the repository
    OutOfMemory,      ///< wanted / got in bytes where known
    ContextLength,    ///< wanted: prompt tokens; got: the model's limit
    Template,         ///< the chat template failed or raised
    Cancelled,
    Io,      ///< got: the system's errno, 0 where there is none
    Device,  ///< the asked-for device is not there or failed
    Internal,
};

/// What went wrong, in one sentence that names the field and the values that disagree.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::int64_t wanted = 0;  ///< meaning by code; 0 where there is no number
    std::int64_t got = 0;
    std::string field = {};  ///< of config.json that is at fault, "rope_scaling"; empty where it is not one field
};

template <class T>
using Result = Outcome<T, Error>;

}  // namespace engine
}  // namespace millm
