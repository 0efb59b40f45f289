#pragma once

#include <QLocale>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

namespace millm {

/// Which language the window speaks: the system's, until a person chooses another. GUI thread.
class Language : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QStringList names READ names NOTIFY namesChanged FINAL)
    Q_PROPERTY(int choice READ choice WRITE setChoice NOTIFY changed FINAL)
public:
    /// The locale of the choice that is kept in `settingsFile` (INI); the system's where there is none.
    static QLocale remembered(const QString &settingsFile);

    /// The choice is kept in `settingsFile`; not at all where that is empty.
    explicit Language(QString settingsFile, QObject *parent = nullptr);

    QStringList names() const;               ///< each in itself, but for the first one: "System", "English", "Deutsch"
    int choice() const { return m_choice; }  ///< into names()
    QLocale locale() const;                  ///< of the choice
    void setChoice(int choice);

Q_SIGNALS:
    void changed();
    void namesChanged();

private:
    QString m_settingsFile;
    int m_choice = 0;
};

}  // namespace millm
