#include "ui/appearance.h"

#include <QGuiApplication>
#include <QMetaEnum>
#include <QSettings>
#include <QStyleHints>

#include <utility>

namespace millm {

namespace {
constexpr auto key = QLatin1StringView("window/theme");
}

Appearance::Appearance(QString settingsFile, QObject *parent) : QObject(parent), m_settingsFile(std::move(settingsFile)) {
    connect(&m_desktop, &DesktopPreferences::changed, this, &Appearance::changed);
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, &Appearance::changed);
    if (m_settingsFile.isEmpty()) return;
    const QByteArray stored = QSettings(m_settingsFile, QSettings::IniFormat).value(key).toByteArray();
    bool known = false;
    const int value = QMetaEnum::fromType<Choice>().keyToValue(stored.constData(), &known);
    if (known) m_choice = static_cast<Choice>(value);
}

void Appearance::setChoice(Choice choice) {
    if (choice == m_choice) return;
    m_choice = choice;
    if (!m_settingsFile.isEmpty()) {
        QSettings settings(m_settingsFile, QSettings::IniFormat);
        settings.setValue(key, QString::fromLatin1(QMetaEnum::fromType<Choice>().valueToKey(static_cast<int>(choice))));
    }
    Q_EMIT changed();
}

Appearance::Choice Appearance::shown() const {
    if (m_choice != Choice::System) return m_choice;
    if (m_desktop.highContrast()) return Choice::HighContrast;
    // Where the system says nothing (Unknown) the window looks as it was drawn: dark.
    const bool light = m_desktop.light() || QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Light;
    return light ? Choice::Light : Choice::Dark;
}

bool Appearance::motion() const {
    return !m_desktop.reducedMotion();
}

double Appearance::textScale() const {
    return m_desktop.textScale() * m_chosenScale;
}

void Appearance::setChosenScale(double scale) {
    if (scale == m_chosenScale) return;
    m_chosenScale = scale;
    Q_EMIT changed();
}

}  // namespace millm
