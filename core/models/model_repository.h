#pragma once

#include "core/base/error.h"
#include "core/models/model.h"

#include <QFuture>
#include <QList>

namespace millm {

class Database;

/// The table `models`: one mapping between Model and both kinds of server. Answers are futures from the database's thread.
class ModelRepository {
public:
    explicit ModelRepository(Database &database) : m_database(database) {}

    QFuture<Result<QList<Model>>> all();  ///< by id
    /// The record with its id and times. ModelAlreadyExists where repository and scheme, path, or name are taken.
    QFuture<Result<Model>> insert(const Model &model);
    /// Writes what can change: name, sizes, state, error… and the time.
    QFuture<Result<void>> update(const Model &model);
    QFuture<Result<void>> remove(qint64 id);

private:
    Database &m_database;
};

/// How a state is written down: "downloading", "ready", "loading", "loaded" or "error". DownloadFailed and LoadFailed are told
/// apart by whether the files are there.
ModelState stateFromStatus(const QString &status, bool filesAreThere);

}  // namespace millm
