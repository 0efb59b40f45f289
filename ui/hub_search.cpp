#include "ui/hub_search.h"

#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/model_actions.h"
#include "ui/packing.h"
#include "ui/scheme_list.h"

#include <algorithm>

namespace millm {

namespace {

constexpr int shortest = 2;

QString joinedFacts(QStringList facts) {
    facts.removeAll(QString());
    return facts.join(QStringLiteral(" • "));
}

SchemeList::Fit fitOf(const FoundModel &found) {
    if (!found.fits) return SchemeList::Fit::Unknown;
    return *found.fits ? SchemeList::Fit::Fits : SchemeList::Fit::NoMemory;
}

}  // namespace

HubSearch::HubSearch(ModelActions &actions, bool offline, QObject *parent)
    : QAbstractListModel(parent), m_actions(actions), m_offline(offline) {
    m_rest.setSingleShot(true);
    m_rest.setInterval(restMilliseconds);
    connect(&m_rest, &QTimer::timeout, this, &HubSearch::start);
}

HubSearch::~HubSearch() {
    m_stop.request_stop();
}

int HubSearch::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QHash<int, QByteArray> HubSearch::roleNames() const {
    return {{RepoIdRole, "repoId"},   {FactsRole, "facts"},     {GatedRole, "gated"},   {FitRole, "fit"},
            {FitTextRole, "fitText"}, {RefusedRole, "refused"}, {ReasonRole, "reason"}, {SpokenRole, "spoken"}};
}

QVariant HubSearch::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const FoundModel &found = m_rows[index.row()];
    const FoundRepository &repository = found.repository;
    const auto text = [&](int other) { return data(index, other).toString(); };
    switch (role) {
        case Qt::DisplayRole:
        case RepoIdRole:
            return repository.id;
        case FactsRole: {
            const qint64 least = found.weightBytes.isEmpty() ? 0 : std::ranges::min(found.weightBytes);
            return joinedFacts(
                {found.params.isEmpty() ? tr("size unknown") : tr("%1 params").arg(format::localized(found.params)),
                 repository.quantization.isEmpty() ? QString()
                                                   : tr("quantized with %1").arg(packing::name(repository.quantization)),
                 least > 0 ? tr("at least %1 memory").arg(format::bytes(least)) : QString(),
                 repository.license.isEmpty() ? tr("licence unknown") : repository.license,
                 repository.downloads ? tr("%Ln downloads", nullptr, format::counted(*repository.downloads)) : QString(),
                 repository.likes ? tr("%Ln likes", nullptr, format::counted(*repository.likes)) : QString()});
        }
        case GatedRole:
            return repository.gated.value_or(false);
        case FitRole:
            return QVariant::fromValue(fitOf(found));
        case FitTextRole:
            if (!found.fits) return QString();
            return *found.fits ? tr("Fits") : tr("Too large");
        case RefusedRole:
            return !found.supported.value_or(true);
        case ReasonRole:
            if (!found.supported) return tr("Not known before a preview whether it is supported");
            return *found.supported ? QString() : tr("Not supported: %1").arg(inWords(found.unsupportedReason));
        case SpokenRole: {
            QStringList parts{repository.id, text(FactsRole), text(GatedRole) == u"true" ? tr("gated") : QString(),
                              text(FitTextRole), text(ReasonRole)};
            parts.removeAll(QString());
            return parts.join(QStringLiteral(", "));
        }
        default:
            return {};
    }
}

QString HubSearch::repoId(int row) const {
    return row >= 0 && row < rowCount() ? m_rows[row].repository.id : QString();
}

void HubSearch::ask(const QString &text, const QString &token) {
    const QString words = text.simplified();
    m_stop.request_stop();
    if (words.size() < shortest || words.size() > SearchRequest::longest || words.contains(QStringLiteral("://")))
        return close();
    m_request.words = words;
    m_request.token = token.trimmed();
    if (m_offline) return show(Face::Failed, tr("Offline: the Hub is not searched (HF_HUB_OFFLINE)."));
    // What was found stays until there is something newer, but no row of it is chosen any more.
    if (m_face != Face::Found) show(Face::Waiting, tr("Searching the Hub…"));
    setCurrent(-1);
    m_rest.start();
}

void HubSearch::start() {
    m_stop = std::stop_source();
    const std::stop_token stop = m_stop.get_token();
    m_actions.search(m_request, stop).then(this, [this, stop](const Result<QList<FoundModel>> &result) {
        if (!stop.stop_requested()) take(result);
    });
}

void HubSearch::take(const Result<QList<FoundModel>> &result) {
    if (!result.ok()) {
        show(Face::Failed, inWords(result.error()));
        Q_EMIT announced(m_message);
        return;
    }
    const QList<FoundModel> &found = result.value();
    // Nothing is left to be chosen where the whole name is there.
    if (found.size() == 1 && found.first().repository.id.compare(m_request.words, Qt::CaseInsensitive) == 0) return close();
    if (found.isEmpty()) {
        show(Face::Nothing, tr("The Hub has no model for “%1”.").arg(m_request.words));
        Q_EMIT announced(m_message);
        return;
    }
    show(Face::Found, {}, found);
    Q_EMIT announced(found.size() == 1 ? format::localized(tr("1 model found"))
                                       : tr("%Ln models found", nullptr, static_cast<int>(found.size())));
}

void HubSearch::move(int rows) {
    if (m_face != Face::Found) return;
    setCurrent(std::clamp(m_current + rows, -1, rowCount() - 1));
    if (m_current >= 0) Q_EMIT announced(index(m_current).data(SpokenRole).toString());
}

void HubSearch::close() {
    m_rest.stop();
    m_stop.request_stop();
    if (open()) show(Face::Closed, {});
}

void HubSearch::show(Face face, const QString &message, const QList<FoundModel> &rows) {
    setCurrent(-1);
    if (!rows.isEmpty() || !m_rows.isEmpty()) {
        beginResetModel();
        m_rows = rows;
        endResetModel();
    }
    m_face = face;
    m_message = message;
    Q_EMIT faceChanged();
}

void HubSearch::setCurrent(int row) {
    if (row == m_current) return;
    m_current = row;
    Q_EMIT currentChanged();
}

}  // namespace millm
