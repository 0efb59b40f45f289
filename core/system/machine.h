#pragma once

#include <QByteArray>
#include <QString>

#include <optional>

/// What /proc says, read and parsed. Pure but for the reading; any thread.
namespace millm::machine {

struct Memory {
    qint64 total = 0, available = 0;  ///< bytes; available: what programs can still have without swapping
};
/// Jiffies since the start of the machine.
struct CpuTimes {
    quint64 busy = 0, total = 0;
};

Memory parseMemory(const QByteArray &meminfo);
std::optional<CpuTimes> parseCpuTimes(const QByteArray &stat);  ///< of all cores; nothing where the text is not /proc/stat's
/// Percent of all cores between two readings; 0 where no time passed.
double cpuPercent(const CpuTimes &before, const CpuTimes &after);

/// Now. A container's memory limit counts where it is lower than the machine's.
Memory memory();
CpuTimes cpuTimes();
QString cpuName();
qint64 processMemory();  ///< resident bytes of this process

}  // namespace millm::machine
