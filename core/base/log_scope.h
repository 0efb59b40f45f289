#pragma once

#include <QLatin1StringView>
#include <QList>
#include <QString>

#include <utility>

namespace millm {

/// Names and values that tell what a message is about, apart from its words: "request_id", "peer".
using LogFields = QList<std::pair<QLatin1StringView, QString>>;

/// While it lives, every message of this thread carries the fields, those of outer scopes before its own; of one name the
/// innermost. Empty values say nothing. On the stack only.
class LogScope {
public:
    explicit LogScope(LogFields fields);
    ~LogScope();
    LogScope(const LogScope &) = delete;
    LogScope &operator=(const LogScope &) = delete;

    /// Those of this thread now.
    static LogFields fields();

private:
    const LogFields m_fields;
    const LogScope *const m_outer;
};

}  // namespace millm
