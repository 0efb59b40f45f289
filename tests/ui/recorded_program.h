#pragma once

#include "core/base/log_history.h"
#include "core/inference/request_journal.h"
#include "ui/app.h"
#include "ui/server_actions.h"
#include "ui/settings_keeper.h"

#include <QHash>

namespace millm {

/// The HTTP server as the window meets it, whose every answer comes from the test.
class RecordedServer : public ServerActions {
public:
    QList<ServerAddress> restarts;
    int stops = 0;
    ServerHealth fares{.database = true};
    std::optional<Error> refusal;  ///< of restarts

    QFuture<Result<void>> restart(const ServerAddress &address) override {
        restarts << address;
        return QtFuture::makeReadyValueFuture(refusal ? Result<void>(*refusal) : Result<void>());
    }
    QFuture<void> stop() override {
        ++stops;
        return QtFuture::makeReadyVoidFuture();
    }
    QFuture<ServerHealth> health() override { return QtFuture::makeReadyValueFuture(fares); }
};

/// Settings in memory: `wrong` are refused, `broken` cannot be written.
class RecordedSettings : public SettingsKeeper {
public:
    QHash<QString, Entry> entries;
    QStringList calls;
    QString wrong = QStringLiteral("wrong"), token;
    std::optional<Error> broken;
    bool keeps = true;

    Entry entry(const QString &key) const override { return entries.value(key); }
    QString fault(const QString &key, const QString &value) const override {
        return value == wrong ? key + QStringLiteral(" must not be ") + value : QString();
    }
    QFuture<Result<void>> keep(const QString &key, const QString &value) override {
        calls << key + u'=' + value;
        if (broken) return QtFuture::makeReadyValueFuture(Result<void>(*broken));
        entries[key].value = value;
        return QtFuture::makeReadyValueFuture(Result<void>());
    }
    bool isKeeping() const override { return keeps; }
    void useToken(const QString &used) override { token = used; }
};

/// What the window stands on besides models and chat.
struct RecordedProgram {
    RecordedServer server;
    RecordedSettings settings;
    RequestJournal requests;
    LogHistory log;

    ProgramParts parts() { return {server, settings, requests, log}; }
};

}  // namespace millm
