#include "ui/language.h"

#include <QSettings>

#include <algorithm>
#include <array>
#include <utility>

namespace millm {

namespace {

constexpr auto languageKey = QLatin1StringView("window/language");

struct Offered {
    const char *tag;
    const char *name;
};
// Append a row for a language, and a file to resources/translations.
constexpr std::array offeredLanguages{Offered{"en", "English"}, Offered{"de", "Deutsch"}};

/// Its row, counted from 1; 0 is the system's.
int rememberedChoice(const QString &settingsFile) {
    if (settingsFile.isEmpty()) return 0;
    const QByteArray tag = QSettings(settingsFile, QSettings::IniFormat).value(languageKey).toByteArray();
    const auto found = std::ranges::find_if(offeredLanguages, [&](const Offered &offered) { return tag == offered.tag; });
    return found == offeredLanguages.end() ? 0 : static_cast<int>(found - offeredLanguages.begin()) + 1;
}

QLocale localeOf(int choice) {
    return choice == 0 ? QLocale::system() : QLocale(QLatin1StringView(offeredLanguages[std::size_t(choice - 1)].tag));
}

}  // namespace

QLocale Language::remembered(const QString &settingsFile) {
    return localeOf(rememberedChoice(settingsFile));
}

QLocale Language::locale() const {
    return localeOf(m_choice);
}

Language::Language(QString settingsFile, QObject *parent)
    : QObject(parent), m_settingsFile(std::move(settingsFile)), m_choice(rememberedChoice(m_settingsFile)) {}

QStringList Language::names() const {
    QStringList list{tr("System")};
    for (const Offered &offered : offeredLanguages) list << QString::fromUtf8(offered.name);
    return list;
}

void Language::setChoice(int choice) {
    if (choice == m_choice || choice < 0 || choice > static_cast<int>(offeredLanguages.size())) return;
    m_choice = choice;
    if (!m_settingsFile.isEmpty()) {
        QSettings settings(m_settingsFile, QSettings::IniFormat);
        if (choice == 0)
            settings.remove(languageKey);
        else
            settings.setValue(languageKey, QString::fromLatin1(offeredLanguages[choice - 1].tag));
    }
    Q_EMIT changed();
}

}  // namespace millm
