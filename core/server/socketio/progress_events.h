#pragma once

#include <QObject>

namespace millm {
class ModelService;
class SystemMonitor;
namespace management {
class SystemController;
}
}  // namespace millm

namespace millm::socketio {

class EventServer;

/// Tells namespace /progress what happens to models, and how the machine is while somebody listens. Services thread.
class ProgressEvents : public QObject {
    Q_OBJECT
public:
    static constexpr const char *nsp = "/progress";
    ProgressEvents(EventServer &events, ModelService &models, SystemMonitor &system,
                   const management::SystemController &snapshots, QObject *parent = nullptr);
};

}  // namespace millm::socketio
