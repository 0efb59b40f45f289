#pragma once

#include <QLocale>
#include <QTranslator>

namespace millm {

/// The window's texts, and Qt's own where they are installed, in the first language of a locale that there is a translation
/// for, else English; numbers, dates and the direction of reading by the locale. To be made before the first text, for as long
/// as the window lives. Main thread.
class Translations {
public:
    explicit Translations(const QLocale &locale) { speak(locale); }
    /// Another one from now on. What was said already stays as it was: qml/window.h has it said anew.
    void speak(const QLocale &locale);

private:
    QTranslator m_window, m_qt, m_qtQuick;
};

}  // namespace millm
