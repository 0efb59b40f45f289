#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

namespace millm {

/// What clients are told to reach this server, ready to be copied. GUI thread.
class ClientSnippets : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QStringList titles READ titles NOTIFY changed FINAL)
public:
    using QObject::QObject;

    QStringList titles() const;
    /// As it is shown: the key in dots.
    Q_INVOKABLE QString shown(int row) const;
    /// As it is copied: with the key.
    Q_INVOKABLE QString text(int row) const;

    /// `base`: "http://127.0.0.1:8000"; empty while the server does not serve. `key` may be empty, so may `model`.
    void set(const QString &base, const QString &key, const QString &model);

Q_SIGNALS:
    void changed();

private:
    QString made(int row, const QString &key) const;

    QString m_base, m_key, m_model;
};

}  // namespace millm
