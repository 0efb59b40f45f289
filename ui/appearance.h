#pragma once

#include "ui/desktop_preferences.h"

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

/// Which of the themes is shown: the system's choice, until a person makes another. GUI thread.
class Appearance : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(Choice choice READ choice WRITE setChoice NOTIFY changed FINAL)
    Q_PROPERTY(Choice shown READ shown NOTIFY changed FINAL)
    Q_PROPERTY(bool motion READ motion NOTIFY changed FINAL)
    Q_PROPERTY(double textScale READ textScale NOTIFY changed FINAL)
public:
    enum class Choice { System, Dark, Light, HighContrast };
    Q_ENUM(Choice)

    /// The choice is kept in `settingsFile` (INI); not at all where that is empty.
    explicit Appearance(QString settingsFile, QObject *parent = nullptr);

    Choice choice() const { return m_choice; }
    void setChoice(Choice choice);
    Choice shown() const;               ///< never System
    bool motion() const;                ///< false where the system asks for reduced motion
    double textScale() const;           ///< of texts and controls, 1 as they were drawn: as the system and the person wish it
    void setChosenScale(double scale);  ///< the person's part of it, beside the system's

    DesktopPreferences &desktop() { return m_desktop; }

Q_SIGNALS:
    void changed();

private:
    QString m_settingsFile;
    Choice m_choice = Choice::System;
    double m_chosenScale = 1;
    DesktopPreferences m_desktop;
};

}  // namespace millm
