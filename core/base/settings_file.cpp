#include "core/base/settings_file.h"

#include "core/base/errors.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>

namespace millm {
namespace {

constexpr qint64 largestFile = 1024 * 1024;

/// In quotes, so that commas and blanks at its ends stay what they are.
QByteArray quoted(const QString &value) {
    QString text = value.startsWith(u'@') ? QStringLiteral("@") : QString();  // else it would name a type
    for (const QChar letter : value) {
        if (letter == u'\\' || letter == u'"')
            text += u'\\' + QString(letter);
        else
            text += letter;
    }
    return '"' + text.toUtf8() + '"';
}

/// The key of a line "key = value"; empty for comments, sections and whatever else.
QByteArray keyOf(const QByteArray &line) {
    const QByteArray trimmed = line.trimmed();
    const qsizetype sign = trimmed.indexOf('=');
    if (sign <= 0 || trimmed.startsWith('[') || trimmed.startsWith(';') || trimmed.startsWith('#')) return {};
    return trimmed.first(sign).trimmed();
}

/// Keys without a section, as these are, stand above the first one or in [General].
QList<QByteArray> changed(const QList<QByteArray> &lines, const QByteArray &key, const QByteArray &newLine) {
    QList<QByteArray> result;
    bool general = true, written = newLine.isNull();
    for (const QByteArray &line : lines) {
        const QByteArray trimmed = line.trimmed();
        if (trimmed.startsWith('[')) {
            general = trimmed.toLower() == "[general]";
            if (!general && !written) {
                result << newLine;
                written = true;
            }
        }
        if (!general || keyOf(line) != key) {
            result << line;
        } else if (!written) {
            result << newLine;
            written = true;
        }
    }
    if (!written) result << newLine;
    return result;
}

}  // namespace

Result<void> writeSetting(const QString &file, const QString &key, const QString &value) {
    const auto failed = [&](const QString &why) {
        return errors::internal(QStringLiteral("The settings file '%1' cannot be written: %2.").arg(file, why));
    };
    if (std::ranges::any_of(value, [](QChar letter) { return letter.category() == QChar::Other_Control; }))
        return errors::invalidRequest(key, QStringLiteral("The value of '%1' has control characters.").arg(key));
    QList<QByteArray> lines;
    if (QFile present(file); present.exists()) {
        if (!present.open(QIODevice::ReadOnly)) return failed(present.errorString());
        if (present.size() > largestFile) return failed(QStringLiteral("it has %1 bytes").arg(present.size()));
        lines = present.readAll().split('\n');
        while (!lines.isEmpty() && lines.last().trimmed().isEmpty()) lines.removeLast();
    }
    const QByteArray name = key.toUtf8();
    const QByteArray text = changed(lines, name, value.isNull() ? QByteArray() : name + '=' + quoted(value)).join('\n') + '\n';
    if (!QDir().mkpath(QFileInfo(file).path())) return failed(QStringLiteral("its folder cannot be made"));
    QSaveFile next(QFileInfo(file).isSymLink() ? QFileInfo(file).canonicalFilePath() : file);
    if (!next.open(QIODevice::WriteOnly) || !next.setPermissions(QFile::ReadOwner | QFile::WriteOwner) ||
        next.write(text) != text.size() || !next.commit())
        return failed(next.errorString());
    return {};
}

}  // namespace millm
