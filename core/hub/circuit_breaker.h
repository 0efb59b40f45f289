#pragma once

#include <chrono>

namespace millm {

/// Keeps a Hub that is down from being asked over and over: after `failures` in a row it stays open for `rest`, then lets one
/// request through to see (half open). What fails at the same time fails once: requests that began before the last failure that
/// counted say nothing new.
class CircuitBreaker {
public:
    using Clock = std::chrono::steady_clock;

    CircuitBreaker(int failures, std::chrono::milliseconds rest) : m_limit(failures), m_rest(rest) {}

    /// Zero where a request may go out; else how long none may.
    std::chrono::milliseconds admit(Clock::time_point now);
    /// How long none may, without asking for one; zero where it is closed or half open.
    std::chrono::milliseconds resting(Clock::time_point now) const;
    void succeeded();
    void failed(Clock::time_point begun, Clock::time_point now);

private:
    int m_limit, m_failures = 0;
    std::chrono::milliseconds m_rest;
    Clock::time_point m_until{}, m_lastFailure{};
};

}  // namespace millm
