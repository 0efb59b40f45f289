#include "ui/loadable_models.h"

#include "ui/model_list.h"

namespace millm {

LoadableModels::LoadableModels(ModelList &source, QObject *parent) : QSortFilterProxyModel(parent), m_source(source) {
    setSourceModel(&source);
    setDynamicSortFilter(true);
    sort(0);
    connect(this, &QAbstractItemModel::rowsInserted, this, &LoadableModels::countChanged);
    connect(this, &QAbstractItemModel::rowsRemoved, this, &LoadableModels::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &LoadableModels::countChanged);
    connect(&source, &QAbstractItemModel::dataChanged, this, &LoadableModels::look);
    connect(&source, &QAbstractItemModel::rowsInserted, this, &LoadableModels::look);
    connect(&source, &QAbstractItemModel::rowsRemoved, this, &LoadableModels::look);
    connect(&source, &QAbstractItemModel::modelReset, this, &LoadableModels::look);
}

void LoadableModels::look() {
    const QString loading = m_source.loadingName();
    if (loading == m_loading) return;
    m_loading = loading;
    Q_EMIT loadingChanged();
}

bool LoadableModels::filterAcceptsRow(int row, const QModelIndex &parent) const {
    const QModelIndex at = m_source.index(row, 0, parent);
    return at.data(ModelList::CanLoadRole).toBool() || at.data(ModelList::CanUnloadRole).toBool();
}

bool LoadableModels::lessThan(const QModelIndex &left, const QModelIndex &right) const {
    const bool loaded = left.data(ModelList::CanUnloadRole).toBool();
    if (loaded != right.data(ModelList::CanUnloadRole).toBool()) return loaded;
    return left.data(ModelList::NameRole).toString().localeAwareCompare(right.data(ModelList::NameRole).toString()) < 0;
}

}  // namespace millm
