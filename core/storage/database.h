#pragma once

#include "core/base/error.h"

#include <QFuture>
#include <QObject>
#include <QPromise>
#include <QSqlDatabase>
#include <QThread>

#include <functional>
#include <memory>
#include <optional>

namespace millm {

/// The one database connection, on a thread of its own ("database"), SQLite or PostgreSQL by its URL. Work is queued and runs
/// in order; answers are futures. Nothing waits for the disk in the caller's thread.
class Database : public QObject {
    Q_OBJECT
public:
    enum class Dialect { Sqlite, PostgreSql };

    explicit Database(const QString &url, QObject *parent = nullptr);
    ~Database() override;  ///< finishes queued work, closes, joins the thread

    /// Opens and migrates; the error names the server's words, never the password.
    QFuture<Result<void>> open();
    /// Does it answer now? (health/ready)
    QFuture<bool> ping();
    Dialect dialect() const;

    /// Runs `work` with the connection in the database's thread. T is a Result<…>. Where the server had gone away meanwhile,
    /// the connection is made anew and `work` runs once more: it must bear that (a statement or a transaction does).
    template <class T>
    QFuture<T> run(std::function<T(QSqlDatabase &)> work) {
        auto promise = std::make_shared<QPromise<T>>();
        promise->start();
        auto answer = std::make_shared<std::optional<T>>();
        enqueue([answer, work = std::move(work)](QSqlDatabase &connection) { answer->emplace(work(connection)); },
                [answer, promise] {
                    promise->addResult(std::move(**answer));
                    promise->finish();
                });
        return promise->future();
    }

private:
    void enqueue(std::function<void(QSqlDatabase &)> work, std::function<void()> done);
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm
