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

/// Where the system keeps its accounts.
struct Accounts {
    QString proc = QStringLiteral("/proc"), groups = QStringLiteral("/sys/fs/cgroup");
};

/// Now. The limits of the control groups that this process is in count where they are lower than the machine's.
Memory memory(const Accounts &accounts = {});
CpuTimes cpuTimes();
QString cpuName();
qint64 processMemory();  ///< resident bytes of this process
/// The same, where what several processes share counts by the share: by what a machine's memory shrinks. Takes milliseconds.
qint64 proportionalMemory();

}  // namespace millm::machine
