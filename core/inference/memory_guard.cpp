#include "core/inference/memory_guard.h"

#include "core/base/errors.h"

#include <algorithm>

namespace millm {

qint64 MemoryGuard::reserve(qint64 totalBytes) {
    constexpr qint64 least = qint64(32) << 20, most = qint64(512) << 20;
    return std::clamp(totalBytes / 64, least, most);
}

bool MemoryGuard::allows(std::uint64_t bytes) {
    if (!m_probe || m_refusal) return !m_refusal;
    const auto memory = m_probe();
    const qint64 needed = qint64(std::min<std::uint64_t>(bytes, std::uint64_t(1) << 62));
    // A machine that tells nothing is trusted.
    if (memory.total <= 0 || needed + reserve(memory.total) <= memory.available) return true;
    m_refusal = errors::insufficientMemory(0, needed + reserve(memory.total), memory.available, false);
    return false;
}

}  // namespace millm
