#pragma once

#include "ui/client_snippets.h"
#include "ui/log_list.h"
#include "ui/request_list.h"
#include "ui/server_actions.h"
#include "ui/server_controls.h"

#include <QObject>
#include <QTimer>
#include <QVariantList>
#include <QtQmlIntegration>

namespace millm {

/// What the page of the server shows. While somebody looks it asks a few times a second what is new; nobody is told more often,
/// and nothing is asked while nobody looks. GUI thread.
class ServerPanel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(millm::ServerControls *controls READ controls CONSTANT FINAL)
    Q_PROPERTY(millm::ClientSnippets *snippets READ snippets CONSTANT FINAL)
    Q_PROPERTY(millm::RequestList *underWay READ underWay CONSTANT FINAL)
    Q_PROPERTY(millm::RequestList *ended READ ended CONSTANT FINAL)
    Q_PROPERTY(millm::LogList *log READ log CONSTANT FINAL)
    Q_PROPERTY(QVariantList health READ health NOTIFY healthChanged FINAL)
    Q_PROPERTY(bool watched READ watched WRITE setWatched NOTIFY watchedChanged FINAL)
public:
    ServerPanel(ServerActions &actions, SettingsKeeper &keeper, ServerState &state, ToastList &toasts, RequestJournal &requests,
                const LogHistory &log, const ServerControls::Start &start, QObject *parent = nullptr);

    ServerControls *controls() { return &m_controls; }
    ClientSnippets *snippets() { return &m_snippets; }
    RequestList *underWay() { return &m_underWay; }
    RequestList *ended() { return &m_ended; }
    LogList *log() { return &m_log; }
    /// {name, value, trouble} each.
    QVariantList health() const { return m_health; }
    bool watched() const { return m_clock.isActive(); }
    void setWatched(bool watched);

    Q_INVOKABLE void stopRequest(quint64 id);
    void refresh();
    void setModelName(const QString &name);  ///< of the loaded one

Q_SIGNALS:
    void healthChanged();
    void watchedChanged();

private:
    void askHealth();
    void showHealth(const ServerHealth &health);
    void showSnippets();

    ServerActions &m_actions;
    ServerState &m_state;
    RequestJournal &m_requests;
    ServerControls m_controls;
    ClientSnippets m_snippets;
    RequestList m_underWay, m_ended;
    LogList m_log;
    QTimer m_clock;
    QVariantList m_health;
    QString m_model;
    quint64 m_revision = 0;
    int m_ticks = 0;
    bool m_asking = false;
};

}  // namespace millm
