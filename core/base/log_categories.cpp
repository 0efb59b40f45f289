#include "core/base/log_categories.h"

namespace millm {

Q_LOGGING_CATEGORY(appLog, "millm.app")
Q_LOGGING_CATEGORY(faultLog, "millm.fault")
Q_LOGGING_CATEGORY(storageLog, "millm.storage")
Q_LOGGING_CATEGORY(hubLog, "millm.hub")
Q_LOGGING_CATEGORY(downloadsLog, "millm.downloads")
Q_LOGGING_CATEGORY(modelsLog, "millm.models")
Q_LOGGING_CATEGORY(inferenceLog, "millm.inference")
Q_LOGGING_CATEGORY(serverLog, "millm.server")
Q_LOGGING_CATEGORY(accessLog, "millm.server.access")
Q_LOGGING_CATEGORY(eventsLog, "millm.server.events")

}  // namespace millm
