#pragma once

#include "core/base/error.h"
#include "core/system/machine.h"

#include <functional>
#include <optional>

namespace millm {

/// Looks whether what a load takes next is there, and enough remains beside it: Linux promises memory that it does not have,
/// and kills a program that uses it. One thread.
class MemoryGuard {
public:
    /// Null: allows everything.
    explicit MemoryGuard(std::function<machine::Memory()> probe) : m_probe(std::move(probe)) {}

    /// Once it has refused, it refuses.
    bool allows(std::uint64_t bytes);
    bool refused() const { return m_refusal.has_value(); }
    Error refusal() const { return m_refusal.value_or(Error()); }  ///< InsufficientMemory, with the numbers

    /// What must stay free of so much memory.
    static qint64 reserve(qint64 totalBytes);

private:
    std::function<machine::Memory()> m_probe;
    std::optional<Error> m_refusal;
};

}  // namespace millm
