#include "ui/translations.h"

#include <QGuiApplication>
#include <QLibraryInfo>

namespace millm {

void Translations::speak(const QLocale &locale) {
    for (QTranslator *one : {&m_window, &m_qt, &m_qtQuick}) QCoreApplication::removeTranslator(one);
    QLocale::setDefault(locale);
    QGuiApplication::setLayoutDirection(locale.textDirection());
    const QString folder = QStringLiteral(":/millm/translations"), joint = QStringLiteral("_");
    // English has a file of its own, for plurals.
    if (!m_window.load(locale, QStringLiteral("millm"), joint, folder) && !m_window.load(QStringLiteral("millm_en"), folder))
        qWarning("no translations in %ls", qUtf16Printable(folder));
    QCoreApplication::installTranslator(&m_window);
    // In the same language, lest a dialog of Qt speaks another one than the window around it.
    const QLocale spoken(m_window.language());
    const QString installed = QLibraryInfo::path(QLibraryInfo::TranslationsPath);
    if (m_qt.load(spoken, QStringLiteral("qtbase"), joint, installed)) QCoreApplication::installTranslator(&m_qt);
    if (m_qtQuick.load(spoken, QStringLiteral("qtdeclarative"), joint, installed))
        QCoreApplication::installTranslator(&m_qtQuick);
}

}  // namespace millm
