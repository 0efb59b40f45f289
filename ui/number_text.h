#pragma once

#include <QObject>
#include <QtQmlIntegration>

namespace millm {

/// Numbers for fields in which people type them, with the signs of the default locale. Stateless; GUI thread.
class NumberText : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
public:
    using QObject::QObject;
    /// "0.70", without signs between groups of digits.
    Q_INVOKABLE static QString shown(double number, int decimals);
    /// What was typed, in digits of any script; NaN: no number.
    Q_INVOKABLE static double read(const QString &text);
};

}  // namespace millm
