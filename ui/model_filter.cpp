#include "ui/model_filter.h"

#include "ui/model_list.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace millm {

namespace {
constexpr int page = 60;
constexpr int searchFrom = 6;

/// Larger ones stand further up: by rank, then the newest, but of those that wait their turn the next one.
std::pair<int, qint64> place(const QModelIndex &at) {
    const int rank = at.data(ModelList::RankRole).toInt();
    const qint64 id = at.data(ModelList::ModelIdRole).toLongLong();
    constexpr int queued = 1;
    return {rank, rank == queued ? -id : id};
}
}  // namespace

ModelFilter::ModelFilter(ModelList &source, QObject *parent) : QSortFilterProxyModel(parent), m_source(source), m_limit(page) {
    // Before setSourceModel(), so that the choice is made when the proxy asks for it.
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&source, signal, this, &ModelFilter::choose);
    connect(&source, &QAbstractItemModel::modelReset, this, &ModelFilter::choose);
    setSourceModel(&source);
    setSortRole(ModelList::RankRole);
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
    std::vector<QModelIndex> rows;
    for (int row = 0; row < m_source.count(); ++row) rows.push_back(m_source.index(row));
    std::ranges::sort(rows, [](const QModelIndex &a, const QModelIndex &b) { return place(a) > place(b); });
    for (const QModelIndex &at : rows) {
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
    return place(left) < place(right);
}

}  // namespace millm
