#pragma once

#include "core/models/model.h"
#include "core/models/state_table.h"

#include <QList>
#include <QMap>
#include <QString>

#include <optional>

namespace millm {

/// The one truth about which models exist and where they stand, in memory. The database follows it. Services thread.
class Catalog {
public:
    QList<Model> all() const { return m_models.values(); }  ///< by id
    std::optional<Model> find(qint64 id) const;
    std::optional<Model> findRepository(const QString &repoId, engine::Scheme scheme) const;  ///< without case
    std::optional<Model> findLinked(const QString &path) const;
    std::optional<Model> findKept(const QString &path, engine::Scheme scheme) const;
    std::optional<Model> findName(const QString &name) const;
    std::optional<Model> inState(std::initializer_list<ModelState> states) const;  ///< the first one
    qint64 downloadedBytes() const;

    void put(const Model &model);
    void remove(qint64 id) { m_models.remove(id); }

    /// Goes to the event's state: clears what belongs to the one before, stamps the time. False (and nothing changes) where the
    /// table has no such row or there is no such model.
    bool apply(qint64 id, ModelEvent event, const QString &errorMessage = {});
    /// Changes a record's fields in place, without a new time; false where there is none.
    template <class F>
    bool change(qint64 id, F edit) {
        const auto found = m_models.find(id);
        if (found == m_models.end()) return false;
        edit(*found);
        return true;
    }

private:
    QMap<qint64, Model> m_models;
};

}  // namespace millm
