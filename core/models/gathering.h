#pragma once

#include "core/models/model.h"

#include <QList>

#include <functional>
#include <stop_token>

/// Models that lie in other folders than the cache come into it, so that nothing is lost: first all of their files are there,
/// compared byte for byte with the first ones, then the records name the new place, then what was in the old ones goes.
/// Blocking; a worker's thread.
namespace millm::gathering {

/// A model and where it is to lie.
struct Move {
    Model model;
    QString target;        ///< Model::cachePath to be
    QString folder, into;  ///< where its files lie and are to lie; empty of a link that nothing is kept of
    qint64 bytes = 0;      ///< of its files
};

/// What lies elsewhere. Models without files are not among them.
QList<Move> elsewhere(const QList<Model> &models, const QString &cacheDir);

/// Bytes that are done and all there are; each one counts twice, once written and once compared.
using Told = std::function<void(qint64 done, qint64 total)>;

/// Brings all of them to their targets; what is on the same disk is linked. However it fails nothing is left there: Cancelled,
/// InsufficientDisk, InvalidRequest where something lies there already, Internal.
Result<void> bring(const QList<Move> &moves, const std::stop_token &stop, const Told &told);

/// Removes what `bring` has brought.
void takeBack(const QList<Move> &moves);

/// Removes a model's files, or link, where they lay before.
Result<void> leave(const Model &before);

}  // namespace millm::gathering
