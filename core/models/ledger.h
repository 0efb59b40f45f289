#pragma once

#include "core/base/error.h"
#include "core/models/catalog.h"
#include "core/models/model_repository.h"

#include <QFuture>
#include <QObject>
#include <QSet>
#include <QString>

#include <functional>

namespace millm {

/// Writes every change of a model into the catalog, then the database, and tells it. Services thread.
class Ledger : public QObject {
    Q_OBJECT
public:
    explicit Ledger(Database &database, QObject *parent = nullptr);

    const Catalog &catalog() const { return m_catalog; }

    /// Reads all records; nobody is told.
    QFuture<Result<QList<Model>>> read() { return m_repository.all(); }
    /// Takes a record as it is, writing it only where `write` says so; nobody is told.
    void adopt(const Model &model, bool write);

    /// A name nobody has, from `base`, kept for the caller until create() or release(). An own wish (`exact`) that is taken is
    /// an InvalidRequest with field "custom_name".
    Result<QString> reserveName(const QString &base, engine::Scheme scheme, bool exact);
    bool isTaken(const QString &name) const { return m_reserved.contains(name) || m_catalog.findName(name).has_value(); }
    void release(const QString &name) { m_reserved.remove(name); }
    /// Inserts a record whose name is reserved. ModelAlreadyExists tells the other's id.
    QFuture<Result<Model>> create(const Model &model);

    /// Goes through the state table. `edit` may fill in fields of the new state before it is written and told.
    bool apply(qint64 id, ModelEvent event, const QString &errorMessage = {}, const std::function<void(Model &)> &edit = {});
    /// Gives a record another name, and another link where it is a local one's. The name is free, or reserved by the caller.
    void rename(qint64 id, const QString &name, const QString &cachePath);
    /// Changes fields, writes and tells them; false where there is no such record.
    bool revise(qint64 id, const std::function<void(Model &)> &edit);
    /// Gives a record another place of its files. What the database says: only then may the old ones go.
    QFuture<Result<void>> relocate(qint64 id, const QString &cachePath);
    /// What is only shown (download_progress): not written, not told.
    template <class F>
    void change(qint64 id, F edit) {
        m_catalog.change(id, std::move(edit));
    }
    /// The same, told where `edit` answers that it has changed something.
    void show(qint64 id, const std::function<bool(Model &)> &edit);

Q_SIGNALS:
    void created(const millm::Model &model);
    void updated(const millm::Model &model);
    void deleted(qint64 id);

private:
    Error withOther(Error error, const Model &model) const;  ///< with the id of the record that has it already
    void write(const Model &model);
    ModelRepository m_repository;
    Catalog m_catalog;
    QSet<QString> m_reserved;
};

}  // namespace millm
