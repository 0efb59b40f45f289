#include "core/system/machine.h"

#include <QFile>
#include <QList>

#include <algorithm>

#include <unistd.h>

namespace millm::machine {

namespace {

QByteArray contents(const QString &path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The number behind `key` in /proc/meminfo, in bytes.
qint64 field(const QByteArray &meminfo, const QByteArray &key) {
    const QByteArray start = key + ':';
    qsizetype at = meminfo.startsWith(start) ? 0 : meminfo.indexOf('\n' + start);
    if (at < 0) return 0;
    at = meminfo.indexOf(':', at) + 1;
    const QByteArray line = meminfo.mid(at, meminfo.indexOf('\n', at) - at).trimmed();
    return line.split(' ').first().toLongLong() * 1024;
}

/// The group's limit and use (cgroup 2), which a container sees at this place.
void limitToGroup(Memory &memory) {
    const QByteArray limit = contents(QStringLiteral("/sys/fs/cgroup/memory.max")).trimmed();
    bool isNumber = false;
    const qint64 most = limit.toLongLong(&isNumber);
    if (!isNumber || most <= 0 || most >= memory.total) return;
    const qint64 used = contents(QStringLiteral("/sys/fs/cgroup/memory.current")).trimmed().toLongLong();
    // Page cache counts as used there, but is given back when memory gets short.
    qint64 cache = 0;
    const auto lines = contents(QStringLiteral("/sys/fs/cgroup/memory.stat")).split('\n');
    for (const auto &line : lines)
        if (line.startsWith("inactive_file ") || line.startsWith("active_file ")) cache += line.split(' ').last().toLongLong();
    memory.total = most;
    memory.available = std::clamp<qint64>(most - std::max<qint64>(0, used - cache), 0, memory.available);
}

}  // namespace

Memory parseMemory(const QByteArray &meminfo) {
    return {field(meminfo, "MemTotal"), field(meminfo, "MemAvailable")};
}

std::optional<CpuTimes> parseCpuTimes(const QByteArray &stat) {
    if (!stat.startsWith("cpu ")) return {};
    const auto numbers = stat.left(stat.indexOf('\n')).simplified().split(' ').mid(1);
    if (numbers.size() < 4) return {};
    CpuTimes times;
    // user nice system idle iowait irq softirq steal; guest times are part of user's.
    for (qsizetype i = 0; i < std::min<qsizetype>(8, numbers.size()); ++i) {
        const quint64 value = numbers[i].toULongLong();
        times.total += value;
        if (i != 3 && i != 4) times.busy += value;
    }
    return times;
}

double cpuPercent(const CpuTimes &before, const CpuTimes &after) {
    if (after.total <= before.total || after.busy < before.busy) return 0;
    return std::min(100.0, 100.0 * double(after.busy - before.busy) / double(after.total - before.total));
}

Memory memory() {
    Memory now = parseMemory(contents(QStringLiteral("/proc/meminfo")));
    limitToGroup(now);
    return now;
}

CpuTimes cpuTimes() {
    return parseCpuTimes(contents(QStringLiteral("/proc/stat"))).value_or(CpuTimes{});
}

QString cpuName() {
    const auto lines = contents(QStringLiteral("/proc/cpuinfo")).split('\n');
    for (const auto &line : lines)
        if (line.startsWith("model name")) return QString::fromUtf8(line.mid(line.indexOf(':') + 1).trimmed());
    return QStringLiteral("CPU");
}

qint64 processMemory() {
    const auto pages = contents(QStringLiteral("/proc/self/statm")).split(' ');
    return pages.size() > 1 ? pages[1].toLongLong() * sysconf(_SC_PAGESIZE) : 0;
}

}  // namespace millm::machine
