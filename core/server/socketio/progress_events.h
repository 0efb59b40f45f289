#pragma once

#include "core/server/socketio/event_server.h"

#include <QHash>
#include <QObject>

namespace millm {
class ModelService;
class SystemMonitor;
namespace management {
class SystemController;
}
}  // namespace millm

namespace millm::socketio {

/// Tells namespace /progress what happens to models, and how the machine is while somebody listens. Who comes late is told of
/// each model that is loaded or on its way to something, and how far it is. Services thread.
class ProgressEvents : public QObject {
    Q_OBJECT
public:
    static constexpr const char *nsp = "/progress";
    ProgressEvents(EventServer &events, ModelService &models, SystemMonitor &system,
                   const management::SystemController &snapshots, QObject *parent = nullptr);

private:
    void tell(const QString &name, const QJsonObject &payload, const QByteArray &key = {});
    void progressed(qint64 model, const Event &event);
    QList<Event> state() const;

    EventServer &m_events;
    ModelService &m_models;
    QHash<qint64, Event> m_progress;  ///< the last one of each model that is under way
};

}  // namespace millm::socketio
