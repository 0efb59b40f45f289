#pragma once

#include <QObject>
#include <QString>
#include <QUrl>
#include <QtQmlIntegration>

namespace millm {

/// What the window shows of the HTTP server. The composition root feeds it; the window never meets the server itself.
/// GUI thread: connect to the setters queued.
class ServerState : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(State state READ state NOTIFY changed FINAL)
    Q_PROPERTY(QUrl url READ url NOTIFY changed FINAL)
    Q_PROPERTY(QString label READ label NOTIFY wordsChanged FINAL)
    Q_PROPERTY(QString detail READ detail NOTIFY wordsChanged FINAL)
public:
    enum class State { Stopped, Starting, Serving, Error };
    Q_ENUM(State)

    using QObject::QObject;

    State state() const { return m_state; }
    QUrl url() const { return m_url; }                        ///< "http://127.0.0.1:8000" while serving, else empty
    bool apiKeyRequired() const { return m_apiKeyRequired; }  ///< clients must send "Authorization: Bearer …"
    QString label() const;                                    ///< "Serving", "Starting", "Stopped", "Error"
    QString detail() const;                                   ///< the address, or why it failed

public Q_SLOTS:
    void setStarting();
    void setServing(const QUrl &url, bool apiKeyRequired = false);
    void setStopped();
    void setError(const QString &why);

Q_SIGNALS:
    void changed();
    void wordsChanged();  ///< with it, and in another language

private:
    void become(State state, const QUrl &url, const QString &error);

    State m_state = State::Stopped;
    QUrl m_url;
    QString m_error;
    bool m_apiKeyRequired = false;
};

}  // namespace millm
