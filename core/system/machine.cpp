#include "core/system/machine.h"

#include <QFile>
#include <QList>
#include <QStringList>

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

/// Nothing where there is no limit.
std::optional<qint64> numberIn(const QString &path) {
    bool isNumber = false;
    const qint64 number = contents(path).trimmed().toLongLong(&isNumber);
    return isNumber && number > 0 ? std::optional(number) : std::nullopt;
}

/// What control groups of a version call their files.
struct GroupFiles {
    QStringList limits;
    QString use, inactiveFiles, activeFiles;
};

/// One group's limits and use.
void limitToGroup(Memory &memory, const QString &folder, const GroupFiles &files) {
    std::optional<qint64> most;
    for (const QString &name : files.limits)
        if (const auto limit = numberIn(folder + name)) most = std::min(*limit, most.value_or(*limit));
    if (!most || *most >= memory.total) return;
    const qint64 used = numberIn(folder + files.use).value_or(0);
    // Page cache counts as used there, but is given back when memory gets short.
    qint64 cache = 0;
    const auto lines = contents(folder + QStringLiteral("memory.stat")).split('\n');
    for (const auto &line : lines) {
        const auto words = line.split(' ');
        const QString name = QString::fromLatin1(words.first());
        if (words.size() == 2 && (name == files.inactiveFiles || name == files.activeFiles)) cache += words.last().toLongLong();
    }
    memory.total = *most;
    memory.available = std::clamp<qint64>(*most - std::max<qint64>(0, used - cache), 0, memory.available);
}

/// The group that this process is in and those around it. In a container the whole tree often begins at the container's own.
void limitToGroups(Memory &memory, const Accounts &accounts) {
    static const GroupFiles second{{QStringLiteral("memory.max"), QStringLiteral("memory.high")},
                                   QStringLiteral("memory.current"),
                                   QStringLiteral("inactive_file"),
                                   QStringLiteral("active_file")};
    static const GroupFiles first{{QStringLiteral("memory.limit_in_bytes")},
                                  QStringLiteral("memory.usage_in_bytes"),
                                  QStringLiteral("total_inactive_file"),
                                  QStringLiteral("total_active_file")};
    QString own = QStringLiteral("/"), ownMemory = QStringLiteral("/");
    for (const auto &line : contents(accounts.proc + QStringLiteral("/self/cgroup")).split('\n')) {
        const auto parts = QString::fromUtf8(line).split(QLatin1Char(':'));
        if (parts.size() < 3) continue;
        const QString path = line.mid(parts[0].size() + parts[1].size() + 2);
        if (parts[1].isEmpty()) own = path;
        if (parts[1].split(QLatin1Char(',')).contains(QStringLiteral("memory"))) ownMemory = path;
    }
    const auto upwards = [&](const QString &root, QString path, const GroupFiles &files) {
        while (path.endsWith(QLatin1Char('/'))) path.chop(1);
        for (;;) {
            limitToGroup(memory, root + path + QLatin1Char('/'), files);
            if (path.isEmpty()) return;
            path.truncate(std::max<qsizetype>(0, path.lastIndexOf(QLatin1Char('/'))));
        }
    };
    upwards(accounts.groups, own, second);
    upwards(accounts.groups + QStringLiteral("/memory"), ownMemory, first);
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

Memory memory(const Accounts &accounts) {
    Memory now = parseMemory(contents(accounts.proc + QStringLiteral("/meminfo")));
    limitToGroups(now, accounts);
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

qint64 proportionalMemory() {
    return field(contents(QStringLiteral("/proc/self/smaps_rollup")), "Pss");
}

}  // namespace millm::machine
