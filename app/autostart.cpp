#include "app/autostart.h"

#include "core/base/errors.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>

#include <utility>

namespace millm {
namespace {

/// As the desktop entry specification wants an argument of Exec: quoted, and then as a string value.
QString quoted(const QString &path) {
    QString argument;
    for (const QChar letter : path) {
        if (QStringLiteral("\"`$\\").contains(letter)) argument += u'\\';
        argument += letter;
    }
    argument.replace(u'\\', QStringLiteral("\\\\")).replace(u'%', QStringLiteral("%%"));
    return u'"' + argument + u'"';
}

}  // namespace

Autostart::Autostart(QString folder, QString program) : m_folder(std::move(folder)), m_program(std::move(program)) {}

Autostart Autostart::ofThisProgram() {
    return {QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + QStringLiteral("/autostart"),
            QCoreApplication::applicationFilePath()};
}

QString Autostart::file() const {
    return QDir(m_folder).filePath(QStringLiteral("io.github.millm.miLLM.desktop"));
}

bool Autostart::isOn() const {
    QFile entry(file());
    if (entry.size() > 64 * 1024 || !entry.open(QIODevice::ReadOnly)) return false;
    // Desktops switch an entry off in these two ways.
    const QByteArray text = '\n' + entry.readAll().replace(' ', "").toLower() + '\n';
    return !text.contains("\nhidden=true\n") && !text.contains("\nx-gnome-autostart-enabled=false\n");
}

Result<void> Autostart::set(bool on) const {
    const auto failed = [this](const QString &why) {
        return errors::internal(QStringLiteral("'%1' cannot be changed: %2.").arg(file(), why));
    };
    if (!on) {
        QFile entry(file());
        if (!entry.exists() || entry.remove()) return {};
        return failed(entry.errorString());
    }
    QDir().mkpath(m_folder);
    QSaveFile entry(file());
    const QByteArray text =
        QStringLiteral("[Desktop Entry]\nType=Application\nName=miLLM\nExec=%1\nIcon=millm\nTerminal=false\n")
            .arg(quoted(m_program))
            .toUtf8();
    if (entry.open(QIODevice::WriteOnly) && entry.write(text) == text.size() && entry.commit()) return {};
    return failed(entry.errorString());
}

}  // namespace millm
