#include "core/hub/path_safety.h"

#include <QRegularExpression>
#include <QSet>

#include <algorithm>

namespace millm {
namespace {

constexpr qsizetype longestPath = 240;
constexpr qsizetype longestName = 255;  // bytes: what file systems take

QString unsafeSegment(const QString &segment) {
    static const QRegularExpression reserved(QStringLiteral("\\A(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?\\z"),
                                             QRegularExpression::CaseInsensitiveOption);
    static const QString forbidden = QStringLiteral(":*?\"<>|");
    if (segment.isEmpty()) return QStringLiteral("an empty part");
    if (segment == QLatin1StringView(".") || segment == QLatin1StringView("..")) return QStringLiteral("\"%1\"").arg(segment);
    if (segment.toUtf8().size() > longestName) return QStringLiteral("a part of %1 bytes").arg(segment.toUtf8().size());
    if (segment.endsWith(QLatin1Char(' ')) || segment.endsWith(QLatin1Char('.')))
        return QStringLiteral("a part that ends in a space or dot");
    if (reserved.match(segment).hasMatch()) return QStringLiteral("a reserved name");
    for (const QChar c : segment) {
        if (c.unicode() < 0x20 || c.unicode() == 0x7f) return QStringLiteral("a control character");
        if (c == QChar::ReplacementCharacter) return QStringLiteral("broken UTF-8");
        if (forbidden.contains(c)) return QStringLiteral("'%1'").arg(c);
    }
    return {};
}

}  // namespace

QString unsafePath(const QString &path) {
    if (path.size() > longestPath) return QStringLiteral("%1 characters").arg(path.size());
    if (path.contains(QLatin1Char('\\'))) return QStringLiteral("a backslash");
    for (const QString &segment : path.split(QLatin1Char('/'))) {
        if (const QString flaw = unsafeSegment(segment); !flaw.isEmpty()) return flaw;
    }
    return {};
}

bool isTooLong(const QString &path) {
    const QStringList names = path.split(QLatin1Char('/'));
    return path.size() > longestPath ||
           std::any_of(names.begin(), names.end(), [](const QString &name) { return name.toUtf8().size() > longestName; });
}

QString caseClash(const QStringList &paths) {
    QSet<QString> seen;
    for (const QString &path : paths) {
        const QString folded = path.toCaseFolded();
        if (seen.contains(folded)) return path;
        seen.insert(folded);
    }
    return {};
}

}  // namespace millm
