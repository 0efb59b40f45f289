#pragma once

#include <QtGlobal>

#include <algorithm>
#include <vector>

namespace millm {

/// How often a value lay where: counts by upper bounds, and the sum, as Prometheus has it.
class Histogram {
public:
    /// `bounds` rise; what is above the last one is counted too.
    explicit Histogram(std::vector<double> bounds) : m_bounds(std::move(bounds)), m_counts(m_bounds.size() + 1) {}

    void observe(double value) {
        ++m_counts[std::size_t(std::ranges::lower_bound(m_bounds, value) - m_bounds.begin())];
        m_sum += value;
    }
    const std::vector<double> &bounds() const { return m_bounds; }
    /// Of each bound what is not above it, but above the one before; the last is what is above all.
    const std::vector<qint64> &counts() const { return m_counts; }
    double sum() const { return m_sum; }

private:
    std::vector<double> m_bounds;
    std::vector<qint64> m_counts;
    double m_sum = 0;
};

}  // namespace millm
