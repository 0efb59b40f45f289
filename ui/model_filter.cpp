#include "ui/model_filter.h"

#include "ui/model_list.h"

#include <algorithm>

namespace millm {

namespace {
constexpr int page = 60;
constexpr int searchFrom = 6;
}  // namespace

ModelFilter::ModelFilter(ModelList &source, QObject *parent) : QSortFilterProxyModel(parent), m_source(source), m_limit(page) {
    // Before setSourceModel(), so that the choice is made when the proxy asks for it.
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&source, signal, this, &ModelFilter::choose);
    connect(&source, &QAbstractItemModel::modelReset, this, &ModelFilter::choose);
    setSourceModel(&source);
    setSortRole(ModelList::ModelIdRole);
    sort(0, Qt::DescendingOrder);
    // After it: rows that moved over the page's edge because of another row.
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&source, signal, this, [this] { invalidateRowsFilter(); });
}

void ModelFilter::setSearch(const QString &search) {
    if (search == m_search) return;
    m_search = search;
    m_limit = page;
    Q_EMIT searchChanged();
    chooseAndFilter();
}

bool ModelFilter::searchable() const {
    return m_source.count() >= searchFrom || !m_search.isEmpty();
}

int ModelFilter::hidden() const {
    return std::max(0, m_matches - m_limit);
}

void ModelFilter::showMore() {
    m_limit += page;
    chooseAndFilter();
}

void ModelFilter::choose() {
    m_shown.clear();
    m_matches = 0;
    const QString wanted = m_search.trimmed();
    for (int row = m_source.count() - 1; row >= 0; --row) {
        const auto at = m_source.index(row);
        const auto holds = [&](int role) { return at.data(role).toString().contains(wanted, Qt::CaseInsensitive); };
        if (!wanted.isEmpty() && !holds(ModelList::NameRole) && !holds(ModelList::LocationRole)) continue;
        if (m_matches++ < m_limit) m_shown.insert(at.data(ModelList::ModelIdRole).toLongLong());
    }
    Q_EMIT matchesChanged();
}

void ModelFilter::chooseAndFilter() {
    choose();
    invalidateRowsFilter();
}

bool ModelFilter::filterAcceptsRow(int row, const QModelIndex &) const {
    return m_shown.contains(m_source.index(row).data(ModelList::ModelIdRole).toLongLong());
}

bool ModelFilter::lessThan(const QModelIndex &left, const QModelIndex &right) const {
    return left.data(ModelList::ModelIdRole).toLongLong() < right.data(ModelList::ModelIdRole).toLongLong();
}

}  // namespace millm
