#include "core/models/model_names.h"

#include "core/base/errors.h"

#include <algorithm>

namespace millm::names {

namespace {

constexpr qsizetype longest = 255;

bool allowed(QChar c) {
    return (c >= QLatin1Char('a') && c <= QLatin1Char('z')) || (c >= QLatin1Char('A') && c <= QLatin1Char('Z')) ||
           (c >= QLatin1Char('0') && c <= QLatin1Char('9')) || c == QLatin1Char('-') || c == QLatin1Char('_') ||
           c == QLatin1Char('.');
}

}  // namespace

Result<void> validate(const QString &name, const QString &field) {
    if (name.isEmpty()) return errors::invalidRequest(field, QStringLiteral("The name is empty."));
    if (name.size() > longest)
        return errors::invalidRequest(
            field, QStringLiteral("The name has %1 characters; at most %2 are allowed.").arg(name.size()).arg(longest));
    const auto wrong = std::ranges::find_if_not(name, allowed);
    if (wrong != name.end())
        return errors::invalidRequest(
            field, QStringLiteral("The name may hold letters, digits, '-', '_' and '.', not '%1'.").arg(*wrong));
    return {};
}

QString unique(const QString &base, engine::Scheme scheme, const std::function<bool(const QString &)> &taken) {
    if (!taken(base)) return base;
    const QString suffix = QLatin1Char('-') + schemeId(scheme).toLower();
    const QString withScheme = base.left(longest - suffix.size()) + suffix;
    if (!taken(withScheme)) return withScheme;
    for (int number = 2;; ++number) {
        const QString more = suffix + QStringLiteral("-%1").arg(number);
        const QString candidate = base.left(longest - more.size()) + more;
        if (!taken(candidate)) return candidate;
    }
}

QString fromFolder(const QString &folderName) {
    QString name = folderName.left(longest);
    for (auto &c : name)
        if (!allowed(c)) c = QLatin1Char('-');
    return name.isEmpty() ? QStringLiteral("model") : name;
}

QString schemeId(engine::Scheme scheme) {
    const auto id = engine::scheme_info(scheme).id;
    return QString::fromLatin1(id.data(), qsizetype(id.size()));
}

}  // namespace millm::names
