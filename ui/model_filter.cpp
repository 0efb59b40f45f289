#include "ui/model_filter.h"

#include "ui/model_list.h"

#include <algorithm>
#include <vector>

namespace millm {

namespace {
constexpr int page = 60;
constexpr int firstRows = 8;
constexpr int searchFrom = 6;
constexpr int queuedRank = 1, loadedRank = 4;

qint64 idOf(const QModelIndex &at) {
    return at.data(ModelList::ModelIdRole).toLongLong();
}

/// What may move a row, or let it through, when it changes.
QList<QVariant> standingOf(const QModelIndex &at) {
    return {at.data(ModelList::RankRole), at.data(ModelList::PlaceRole), at.data(ModelList::FailedRole),
            at.data(ModelList::NameRole), at.data(ModelList::MemoryRole)};
}
}  // namespace

ModelFilter::ModelFilter(ModelList &source, QObject *parent) : QSortFilterProxyModel(parent), m_source(source) {
    beginPage();
    // Before setSourceModel(), so that the choice is made when the proxy asks for it.
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&source, signal, this, &ModelFilter::choose);
    connect(&source, &QAbstractItemModel::modelReset, this, [this] {
        beginPage();
        choose();
    });
    setSourceModel(&source);
    sort(0);
    // After it: rows that moved over the page's edge because of another row.
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&source, signal, this, [this] { invalidateRowsFilter(); });
    connect(&source, &QAbstractItemModel::dataChanged, this, &ModelFilter::onChanged);
}

void ModelFilter::setSearch(const QString &search) {
    if (search == m_search) return;
    m_search = search;
    beginPage();
    Q_EMIT searchChanged();
    Q_EMIT choiceChanged();
    chooseAndFilter();
}

void ModelFilter::setOrder(Order order) {
    if (order == m_order) return;
    m_order = order;
    beginPage();
    Q_EMIT choiceChanged();
    choose();
    invalidate();
}

void ModelFilter::setState(State state) {
    if (state == m_state) return;
    m_state = state;
    beginPage();
    Q_EMIT choiceChanged();
    chooseAndFilter();
}

void ModelFilter::setOrigin(Source origin) {
    if (origin == m_origin) return;
    m_origin = origin;
    beginPage();
    Q_EMIT choiceChanged();
    chooseAndFilter();
}

void ModelFilter::showAll() {
    setSearch({});
    setState(State::Any);
    setOrigin(Source::Any);
}

bool ModelFilter::searchable() const {
    return m_source.count() >= searchFrom || narrowed();
}

int ModelFilter::hidden() const {
    return std::max(0, m_matches - m_limit);
}

void ModelFilter::beginPage() {
    m_limit = page;
    m_filled = firstRows;
}

bool ModelFilter::filling() const {
    return m_filled < std::min(m_limit, m_matches);
}

void ModelFilter::fill() {
    if (!filling()) return;
    m_shown.insert(m_page[m_filled++]);
    invalidateRowsFilter();
    if (filling()) return;
    m_filled = m_limit;
    Q_EMIT matchesChanged();
}

void ModelFilter::showMore() {
    m_limit += page;
    chooseAndFilter();
}

bool ModelFilter::lets(const QModelIndex &at) const {
    const QString wanted = m_search.trimmed();
    const auto holds = [&](int role) { return at.data(role).toString().contains(wanted, Qt::CaseInsensitive); };
    if (!wanted.isEmpty() && !holds(ModelList::NameRole) && !holds(ModelList::LocationRole)) return false;
    if (m_origin != Source::Any && (m_origin == Source::Local) != at.data(ModelList::LocalRole).toBool()) return false;
    const int rank = at.data(ModelList::RankRole).toInt();
    const bool failed = at.data(ModelList::FailedRole).toBool();
    switch (m_state) {
        case State::Any:
            return true;
        case State::Loaded:
            return rank == loadedRank;
        case State::Active:
            return rank > 0 && rank < loadedRank;
        case State::Ready:
            return rank == 0 && !failed;
        case State::Failed:
            return failed;
    }
    Q_UNREACHABLE_RETURN(true);
}

bool ModelFilter::before(const QModelIndex &a, const QModelIndex &b) const {
    const auto number = [](const QModelIndex &at, int role) { return at.data(role).toLongLong(); };
    switch (m_order) {
        case Order::Name: {
            const auto name = [](const QModelIndex &at) { return at.data(ModelList::NameRole).toString(); };
            const int order = QString::localeAwareCompare(name(a), name(b));
            if (order != 0) return order < 0;
            break;
        }
        case Order::Memory:
            if (const qint64 x = number(a, ModelList::MemoryRole), y = number(b, ModelList::MemoryRole); x != y) return x > y;
            break;
        case Order::Newest:
            break;
        case Order::Standing: {
            const qint64 rank = number(a, ModelList::RankRole);
            if (const qint64 other = number(b, ModelList::RankRole); rank != other) return rank > other;
            // Of those that wait their turn the next one.
            if (rank != queuedRank) break;
            if (const qint64 x = number(a, ModelList::PlaceRole), y = number(b, ModelList::PlaceRole); x != y) return x < y;
            return idOf(a) < idOf(b);
        }
    }
    return idOf(a) > idOf(b);
}

void ModelFilter::choose() {
    m_shown.clear();
    m_standing.clear();
    m_matches = 0;
    std::vector<QModelIndex> rows;
    for (int row = 0; row < m_source.count(); ++row) {
        const QModelIndex at = m_source.index(row);
        m_standing.insert(idOf(at), standingOf(at));
        if (lets(at)) rows.push_back(at);
    }
    m_matches = static_cast<int>(rows.size());
    if (m_filled >= std::min(m_limit, m_matches)) m_filled = m_limit;  // single ones that come later come at once
    const auto paged = std::min(rows.size(), static_cast<std::size_t>(m_limit));
    std::ranges::partial_sort(rows, rows.begin() + static_cast<std::ptrdiff_t>(paged),
                              [this](const QModelIndex &a, const QModelIndex &b) { return before(a, b); });
    m_page.clear();
    for (std::size_t row = 0; row < paged; ++row) m_page << idOf(rows[row]);
    for (const qint64 id : m_page.first(std::min<qsizetype>(m_filled, m_page.size()))) m_shown.insert(id);
    Q_EMIT matchesChanged();
}

void ModelFilter::chooseAndFilter() {
    choose();
    invalidateRowsFilter();
}

/// A row that stands elsewhere now may come into the page, or push another one out.
void ModelFilter::onChanged(const QModelIndex &from, const QModelIndex &to) {
    for (int row = from.row(); row <= to.row(); ++row) {
        const QModelIndex at = m_source.index(row);
        if (m_standing.value(idOf(at)) != standingOf(at)) return chooseAndFilter();
    }
}

bool ModelFilter::filterAcceptsRow(int row, const QModelIndex &) const {
    return m_shown.contains(idOf(m_source.index(row)));
}

bool ModelFilter::lessThan(const QModelIndex &left, const QModelIndex &right) const {
    return before(left, right);
}

}  // namespace millm
