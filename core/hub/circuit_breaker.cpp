#include "core/hub/circuit_breaker.h"

namespace millm {

std::chrono::milliseconds CircuitBreaker::admit(Clock::time_point now) {
    if (const auto rest = resting(now); rest.count() > 0) return rest;
    if (m_failures < m_limit) return std::chrono::milliseconds(0);
    m_until = now + m_rest;  // this one is the probe; the next waits for its end or the next rest
    return std::chrono::milliseconds(0);
}

std::chrono::milliseconds CircuitBreaker::resting(Clock::time_point now) const {
    if (m_failures < m_limit || now >= m_until) return std::chrono::milliseconds(0);
    return std::chrono::ceil<std::chrono::milliseconds>(m_until - now);
}

void CircuitBreaker::succeeded() {
    m_failures = 0;
}

void CircuitBreaker::failed(Clock::time_point begun, Clock::time_point now) {
    if (m_failures > 0 && begun < m_lastFailure) return;
    m_lastFailure = now;
    if (++m_failures >= m_limit) m_until = now + m_rest;
}

}  // namespace millm
