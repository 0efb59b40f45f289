#pragma once

#include <QLoggingCategory>

namespace millm {

// Where a line of the log comes from: one category a room.
Q_DECLARE_LOGGING_CATEGORY(appLog)
Q_DECLARE_LOGGING_CATEGORY(faultLog)  ///< what the last net caught
Q_DECLARE_LOGGING_CATEGORY(storageLog)
Q_DECLARE_LOGGING_CATEGORY(hubLog)
Q_DECLARE_LOGGING_CATEGORY(downloadsLog)
Q_DECLARE_LOGGING_CATEGORY(modelsLog)
Q_DECLARE_LOGGING_CATEGORY(inferenceLog)
Q_DECLARE_LOGGING_CATEGORY(serverLog)
Q_DECLARE_LOGGING_CATEGORY(accessLog)  ///< one line a request
Q_DECLARE_LOGGING_CATEGORY(eventsLog)

}  // namespace millm
