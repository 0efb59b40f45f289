#include "ui/server_panel.h"

#include "ui/format.h"

namespace millm {
namespace {

constexpr int tickMs = 300, ticksForHealth = 5;

}  // namespace

ServerPanel::ServerPanel(ServerActions &actions, SettingsKeeper &keeper, ServerState &state, ToastList &toasts,
                         RequestJournal &requests, const LogHistory &log, const ServerControls::Start &start, QObject *parent)
    : QObject(parent),
      m_actions(actions),
      m_state(state),
      m_requests(requests),
      m_controls(actions, keeper, state, toasts, start),
      m_log(log) {
    m_clock.setInterval(tickMs);
    connect(&m_clock, &QTimer::timeout, this, &ServerPanel::refresh);
    connect(&m_controls, &ServerControls::changed, this, &ServerPanel::showSnippets);
}

void ServerPanel::setWatched(bool watched) {
    if (watched == m_clock.isActive()) return;
    if (watched) {
        m_ticks = 0;
        refresh();
        m_clock.start();
    } else {
        m_clock.stop();
    }
    Q_EMIT watchedChanged();
}

void ServerPanel::refresh() {
    // Ages go on by themselves.
    if (const quint64 revision = m_requests.revision(); revision != m_revision || m_underWay.count() > 0) {
        const auto now = m_requests.snapshot();
        m_underWay.set(now.underWay);
        if (revision != m_revision) m_ended.set(now.ended);
        m_revision = revision;
    }
    m_log.refresh();
    if (m_ticks++ % ticksForHealth == 0) askHealth();
}

void ServerPanel::stopRequest(quint64 id) {
    m_requests.stop(id);
}

void ServerPanel::askHealth() {
    if (std::exchange(m_asking, true)) return;
    m_actions.health().then(this, [this](const ServerHealth &health) {
        m_asking = false;
        showHealth(health);
    });
}

void ServerPanel::showHealth(const ServerHealth &health) {
    QVariantList facts;
    const auto add = [&facts](const QString &name, const QString &value, bool trouble = false) {
        facts << QVariantMap{
            {QStringLiteral("name"), name}, {QStringLiteral("value"), value}, {QStringLiteral("trouble"), trouble}};
    };
    add(tr("Server"),
        health.upSeconds < 0 ? tr("does not serve") : tr("serving for %1").arg(format::duration(health.upSeconds)),
        health.upSeconds < 0);
    add(tr("Connections"), format::number(health.connections));
    add(tr("Model"), health.model.isEmpty() ? tr("none is loaded")
                                            : tr("%1 on %2, %3").arg(health.model, health.device, health.computeType));
    if (!health.model.isEmpty()) {
        add(tr("Requests at work"),
            tr("%1, waiting for memory: %2").arg(format::number(health.computing), format::number(health.waiting)));
        add(tr("Memory of requests"),
            tr("%1, %2 kept from earlier ones")
                .arg(format::ofTotal(health.kvUsedBytes, health.kvLimitBytes), format::bytes(health.kvKeptBytes)));
    }
    add(tr("Database"), health.database ? tr("answers") : tr("does not answer"), !health.database);
    const bool rests = health.hubRestSeconds > 0;
    add(tr("Hub"),
        health.hubOffline ? tr("not asked: offline mode")
        : rests ? tr("fails: the circuit breaker is open, asked again in %1").arg(format::duration(health.hubRestSeconds))
                : tr("the circuit breaker is closed"),
        rests);
    if (facts == m_health) return;
    m_health = facts;
    Q_EMIT healthChanged();
}

void ServerPanel::setModelName(const QString &name) {
    m_model = name;
    showSnippets();
}

void ServerPanel::showSnippets() {
    // A key that is not known here is for whoever copies to fill in.
    const QString key = m_controls.inForce().key.value_or(QString());
    m_snippets.set(m_controls.addresses().value(0), key.isEmpty() && m_state.apiKeyRequired() ? tr("your key") : key, m_model);
}

}  // namespace millm
