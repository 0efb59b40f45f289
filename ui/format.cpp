#include "ui/format.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace millm::format {

namespace {

struct Unit {
    double size;
    const char *name;
};

constexpr std::array units{
    Unit{1e12, QT_TRANSLATE_NOOP("Format", "TB")}, Unit{1e9, QT_TRANSLATE_NOOP("Format", "GB")},
    Unit{1e6, QT_TRANSLATE_NOOP("Format", "MB")},  Unit{1e3, QT_TRANSLATE_NOOP("Format", "KB")},
    Unit{1, QT_TRANSLATE_NOOP("Format", "bytes")},
};

QString translated(const char *text) {
    return QCoreApplication::translate("Format", text);
}

/// The largest unit that leaves at least 1 in front; 999.96 MB is already written "1.0 GB".
const Unit &unitOf(qint64 bytes) {
    const double size = std::abs(static_cast<double>(bytes));
    const auto fits = [size](const Unit &unit) { return size >= unit.size * 0.9995; };
    const auto found = std::ranges::find_if(units, fits);
    return found == units.end() ? units.back() : *found;
}

/// One digit after the point where it still says something.
int digits(double value, const Unit &unit) {
    return unit.size > 1 && value < (unit.size >= 1e9 ? 100 : 10) ? 1 : 0;
}

QString inUnit(double value, const Unit &unit) {
    return QLocale().toString(value, 'f', digits(value, unit));
}

/// Without a digit that is a zero.
QString trimmed(double value, const Unit &unit) {
    const bool whole = std::llround(value * 10) % 10 == 0;
    return QLocale().toString(value, 'f', whole ? 0 : digits(value, unit));
}

}  // namespace

int counted(qint64 number) {
    return static_cast<int>(std::clamp<qint64>(number, 0, std::numeric_limits<int>::max()));
}

QString bytes(qint64 bytes) {
    const Unit &unit = unitOf(bytes);
    return QCoreApplication::translate("Format", "%1 %2")
        .arg(inUnit(static_cast<double>(bytes) / unit.size, unit), translated(unit.name));
}

QString mebibytes(qint64 mebibytes) {
    return bytes(mebibytes * 1024 * 1024);
}

QString gigabytes(const QString &written) {
    const qsizetype end = written.indexOf(u' ');
    return localized(written.first(end)) + written.sliced(end);
}

QString number(qint64 number) {
    return QLocale().toString(number);
}

QString localized(const QString &latin) {
    const QLocale locale;
    const QString zeroDigit = locale.zeroDigit();
    const char32_t zero = zeroDigit.toUcs4().value(0, U'0');
    QString text;
    for (const QChar sign : latin) {
        if (sign >= u'0' && sign <= u'9') {
            const char32_t digit = zero + (sign.unicode() - u'0');
            text += QString::fromUcs4(&digit, 1);
        } else {
            text += sign == u'.' ? locale.decimalPoint() : QString(sign);
        }
    }
    return text;
}

QString latin(const QString &typed) {
    QString text;
    for (const char32_t sign : typed.toUcs4()) {
        if (const int digit = QChar::digitValue(sign); digit >= 0)
            text += QString::number(digit);
        else
            text += sign == U',' || sign == U'\u066b' ? QStringLiteral(".") : QString::fromUcs4(&sign, 1);
    }
    return text;
}

QString ofTotal(qint64 part, qint64 total) {
    const Unit &unit = unitOf(total);
    return QCoreApplication::translate("Format", "%1 of %2 %3")
        .arg(inUnit(static_cast<double>(part) / unit.size, unit), inUnit(static_cast<double>(total) / unit.size, unit),
             translated(unit.name));
}

QString ratio(qint64 part, qint64 total) {
    const Unit &unit = unitOf(total);
    return QStringLiteral("%1/%2 %3")
        .arg(inUnit(static_cast<double>(part) / unit.size, unit), trimmed(static_cast<double>(total) / unit.size, unit),
             translated(unit.name));
}

QString percent(double percent) {
    return QCoreApplication::translate("Format", "%1%").arg(QLocale().toString(std::clamp(percent, 0.0, 100.0), 'f', 0));
}

QString speed(double megabitsPerSecond) {
    return QCoreApplication::translate("Format", "%1/s").arg(bytes(std::llround(megabitsPerSecond * 125'000)));
}

QString duration(qint64 seconds) {
    if (seconds < 60) return QCoreApplication::translate("Format", "%1 s").arg(number(std::max<qint64>(seconds, 0)));
    if (seconds < 3600)
        return QCoreApplication::translate("Format", "%1 min %2 s").arg(number(seconds / 60), number(seconds % 60));
    return QCoreApplication::translate("Format", "%1 h %2 min").arg(number(seconds / 3600), number(seconds % 3600 / 60));
}

QString tokens(qint64 tokens, double seconds) {
    const QString count = tokens == 1 ? localized(QCoreApplication::translate("Format", "1 token"))
                                      : QCoreApplication::translate("Format", "%Ln tokens", nullptr, counted(tokens));
    if (seconds <= 0 || tokens < 2) return count;  // one alone has no pace
    return QCoreApplication::translate("Format", "%1, %2 tokens/s")
        .arg(count, QLocale().toString(static_cast<double>(tokens) / seconds, 'f', 1));
}

}  // namespace millm::format
