#include "ui/model_list.h"

#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/model_actions.h"
#include "ui/server_state.h"
#include "ui/toast_list.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace millm {

static_assert(static_cast<int>(ModelRow::Tone::Bad) == static_cast<int>(ModelList::Tone::Bad));

ModelList::ModelList(ModelActions &actions, ServerState &server, ToastList &toasts, QObject *parent)
    : QAbstractListModel(parent), m_actions(actions), m_server(server), m_toasts(toasts) {}

int ModelList::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : count();
}

QHash<int, QByteArray> ModelList::roleNames() const {
    return {{ModelIdRole, "modelId"},       {NameRole, "name"},           {PlaceRole, "place"},
            {DetailsRole, "details"},       {LocationRole, "location"},   {LocalRole, "local"},
            {StatusRole, "status"},         {ToneRole, "tone"},           {BusyRole, "busy"},
            {ProgressRole, "progress"},     {ActivityRole, "activity"},   {ProgressTextRole, "progressText"},
            {MemoryTextRole, "memoryText"}, {DiskTextRole, "diskText"},   {FailureRole, "failure"},
            {CanLoadRole, "canLoad"},       {CanUnloadRole, "canUnload"}, {CanCancelRole, "canCancel"},
            {CanRetryRole, "canRetry"},     {CanDeleteRole, "canDelete"}, {DeleteHintRole, "deleteHint"},
            {SpokenRole, "spoken"}};
}

QVariant ModelList::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ModelRow &row = m_rows[index.row()];
    switch (role) {
        case ModelIdRole:
            return row.model.id;
        case Qt::DisplayRole:
        case NameRole:
            return row.model.name;
        case DetailsRole:
            return row.details();
        case LocationRole:
            return row.location();
        case LocalRole:
            return row.model.source == ModelSource::Local;
        case StatusRole:
            return row.status();
        case ToneRole:
            return QVariant::fromValue(static_cast<Tone>(row.tone()));
        case BusyRole:
            return row.busy();
        case ProgressRole:
            return row.progress();
        case ActivityRole:
            return row.activity();
        case ProgressTextRole:
            return row.progressText();
        case MemoryTextRole:
            return row.memoryText();
        case DiskTextRole:
            return row.diskText();
        case FailureRole:
            return inWords(row.model.errorMessage);
        case CanLoadRole:
            return row.canLoad();
        case CanUnloadRole:
            return row.canUnload();
        case CanCancelRole:
            return row.canCancel();
        case CanRetryRole:
            return row.canRetry();
        case CanDeleteRole:
            return row.canDelete();
        case DeleteHintRole:
            return row.deleteHint();
        case RankRole:
            return row.rank();
        case PlaceRole:
            return row.model.queuePlace;
        case FailedRole:
            return row.failed();
        case MemoryRole:
            return row.model.estimatedMemoryMb;
        case SpokenRole:
            return row.spoken();
        default:
            return {};
    }
}

ModelList::Face ModelList::face() const {
    if (!m_failure.isEmpty()) return Face::Error;
    if (!m_known) return Face::Loading;
    return m_rows.isEmpty() ? Face::Empty : Face::Content;
}

QString ModelList::cacheText() const {
    return m_cacheBytes < 0 ? QString() : tr("%1 on disk").arg(format::bytes(m_cacheBytes));
}

QString ModelList::nameOf(ModelState state) const {
    const auto found = std::ranges::find(m_rows, state, [](const ModelRow &row) { return row.model.state; });
    return found == m_rows.end() ? QString() : found->model.name;
}

QString ModelList::loadedName() const {
    return nameOf(ModelState::Loaded);
}

int ModelList::downloading() const {
    return static_cast<int>(std::ranges::count_if(m_rows, &ModelRow::downloading));
}

QString ModelList::loadingName() const {
    return nameOf(ModelState::Loading);
}

qsizetype ModelList::position(qint64 id) const {
    const auto found = std::ranges::lower_bound(m_rows, id, {}, [](const ModelRow &row) { return row.model.id; });
    return found - m_rows.begin();
}

const ModelRow *ModelList::find(qint64 id) const {
    const auto at = position(id);
    return at < m_rows.size() && m_rows[at].model.id == id ? &m_rows[at] : nullptr;
}

QString ModelList::nameOf(qint64 id) const {
    const ModelRow *row = find(id);
    return row ? row->model.name : QString();
}

QString ModelList::wishedDeviceOf(qint64 id) const {
    const ModelRow *row = find(id);
    return row ? row->model.wishedDevice : QString();
}

QString ModelList::about(qint64 id, const QString &why) const {
    const ModelRow *row = find(id);
    return row ? tr("%1: %2").arg(row->model.name, why) : why;
}

void ModelList::changed(qsizetype row) {
    const auto at = index(static_cast<int>(row));
    Q_EMIT dataChanged(at, at);
}

// ---- facts ---------------------------------------------------------------------------------------

void ModelList::setModels(const QList<Model> &models) {
    beginResetModel();
    QList<ModelRow> rows;
    for (const Model &model : models) {
        ModelRow row;
        if (const ModelRow *old = find(model.id)) row = *old;
        row.take(model);
        rows << row;
    }
    std::ranges::sort(rows, {}, [](const ModelRow &row) { return row.model.id; });
    m_rows = rows;
    m_known = true;
    endResetModel();
    Q_EMIT countChanged();
    Q_EMIT faceChanged();
    Q_EMIT loadedNameChanged();
}

void ModelList::upsert(const Model &model) {
    const auto at = position(model.id);
    if (find(model.id)) {
        m_rows[at].take(model);
        changed(at);
    } else {
        beginInsertRows({}, static_cast<int>(at), static_cast<int>(at));
        m_rows.insert(at, ModelRow{.model = model});
        endInsertRows();
        Q_EMIT countChanged();
        Q_EMIT faceChanged();
    }
    Q_EMIT loadedNameChanged();
}

void ModelList::drop(qint64 id) {
    if (!find(id)) return;
    const auto at = static_cast<int>(position(id));
    beginRemoveRows({}, at, at);
    m_rows.removeAt(at);
    endRemoveRows();
    Q_EMIT countChanged();
    Q_EMIT faceChanged();
    Q_EMIT loadedNameChanged();
}

void ModelList::setDownloadProgress(const DownloadProgress &progress) {
    // A progress that comes after the end of the download (they are queued apart) must not bring the bar back.
    const ModelRow *row = find(progress.modelId);
    if (!row || !row->downloading()) return;
    const auto at = position(progress.modelId);
    m_rows[at].download = progress;
    changed(at);
}

void ModelList::setLoadProgress(const LoadProgress &progress) {
    const ModelRow *row = find(progress.modelId);
    if (!row || row->model.state != ModelState::Loading) return;
    const auto at = position(progress.modelId);
    m_rows[at].load = progress;
    changed(at);
}

void ModelList::setUnloadProgress(qint64 id, int pendingRequests) {
    const ModelRow *row = find(id);
    if (!row || row->model.state != ModelState::Unloading) return;
    const auto at = position(id);
    m_rows[at].pendingRequests = pendingRequests;
    changed(at);
}

void ModelList::setCacheBytes(qint64 bytes) {
    m_cacheBytes = bytes;
    Q_EMIT cacheTextChanged();
}

void ModelList::setFailure(const QString &sentence) {
    m_failure = sentence;
    Q_EMIT faceChanged();
}

// ---- deeds ---------------------------------------------------------------------------------------

/// What comes of it arrives as facts; only a refusal has to be said.
template <class T>
void ModelList::report(qint64 id, QFuture<Result<T>> future) {
    future.then(this, [this, id](const Result<T> &result) {
        if (!result.ok()) m_toasts.show(ToastList::Kind::Error, about(id, inWords(result.error())));
    });
}

void ModelList::unload(qint64 id) {
    report(id, m_actions.unload(id));
}

void ModelList::unloadLoaded() {
    const auto found = std::ranges::find(m_rows, ModelState::Loaded, [](const ModelRow &row) { return row.model.state; });
    if (found != m_rows.end()) unload(found->model.id);
}

void ModelList::cancel(qint64 id) {
    report(id, m_actions.cancel(id));
}

void ModelList::retry(qint64 id) {
    report(id, m_actions.retry(id));
}

void ModelList::remove(qint64 id) {
    const ModelRow *row = find(id);
    if (!row) return;
    const QString done = row->model.linked() ? tr("%1 removed from the list; its files stay").arg(row->model.name)
                                             : tr("%1 deleted").arg(row->model.name);
    m_actions.remove(id).then(this, [this, id, done](const Result<void> &result) {
        if (result.ok())
            m_toasts.show(ToastList::Kind::Success, done);
        else
            m_toasts.show(ToastList::Kind::Error, about(id, inWords(result.error())));
    });
}

void ModelList::sayWhyKept(qint64 id) {
    if (const ModelRow *row = find(id)) m_toasts.show(ToastList::Kind::Warning, about(id, row->deleteHint()));
}

void ModelList::rename(qint64 id, const QString &name) {
    m_actions.rename(id, name.trimmed()).then(this, [this, id](const Result<Model> &result) {
        if (result.ok())
            Q_EMIT renamed(id);
        else
            Q_EMIT renameRefused(inWords(result.error()));
    });
}

void ModelList::moveInQueue(qint64 id, int by) {
    report(id, m_actions.moveInQueue(id, by));
}

void ModelList::quantize(qint64 id, int scheme) {
    const ModelRow *row = find(id);
    const auto schemes = engine::schemes();
    if (!row || scheme < 0 || static_cast<std::size_t>(scheme) >= schemes.size()) return;
    report(id, m_actions.quantize(id, schemes[static_cast<std::size_t>(scheme)].scheme));
}

QVariantMap ModelList::deeds(qint64 id) const {
    const ModelRow *row = find(id);
    if (!row) return {};
    const Model &model = row->model;
    const auto queued = std::ranges::count_if(m_rows, [](const ModelRow &each) { return each.queued(); });
    QVariantList schemes;
    int scheme = 0;
    for (const auto &info : engine::schemes()) {
        const bool there = std::ranges::any_of(m_rows, [&](const ModelRow &each) {
            return each.model.quantization == info.scheme && !each.model.linked() && each.model.localPath == model.localPath &&
                   each.model.repoId.compare(model.repoId, Qt::CaseInsensitive) == 0;
        });
        if (row->canQuantize() && info.scheme != engine::Scheme::Plain && !there) schemes << scheme;
        ++scheme;
    }
    return {{QStringLiteral("rename"), row->canRename()},
            {QStringLiteral("folder"), row->hasFolder()},
            {QStringLiteral("page"), model.source != ModelSource::Local && !m_hubEndpoint.isEmpty()},
            {QStringLiteral("up"), row->queued() && model.queuePlace > 1},
            {QStringLiteral("down"), row->queued() && model.queuePlace < queued},
            {QStringLiteral("quantize"), schemes},
            {QStringLiteral("local"), model.source == ModelSource::Local}};
}

void ModelList::open(const QUrl &url) {
    if (!QDesktopServices::openUrl(url))
        m_toasts.show(ToastList::Kind::Warning, tr("No program of this machine opens %1").arg(url.toDisplayString()));
}

void ModelList::openFolder(qint64 id) {
    if (const ModelRow *row = find(id))
        open(QUrl::fromLocalFile(row->model.linked() ? row->model.localPath : row->model.cachePath));
}

void ModelList::openPage(qint64 id) {
    const ModelRow *row = find(id);
    if (!row) return;
    QUrl page = m_hubEndpoint;
    page.setPath(page.path() + u'/' + row->model.repoId);
    open(page);
}

void ModelList::copyName(qint64 id) {
    if (const ModelRow *row = find(id)) copy(row->model.name, tr("Name copied: %1").arg(row->model.name));
}

void ModelList::copyLocation(qint64 id) {
    if (const ModelRow *row = find(id)) copy(row->location(), tr("Copied: %1").arg(row->location()));
}

QString ModelList::endpoint() const {
    if (m_server.url().isEmpty()) return {};
    QUrl base = m_server.url();
    base.setPath(QStringLiteral("/v1"));
    return base.toString();
}

QString ModelList::curlLine(qint64 id) const {
    const ModelRow *row = find(id);
    if (!row || endpoint().isEmpty()) return {};
    QJsonObject body{{QStringLiteral("model"), row->model.name}};
    QString path;
    switch (m_use) {
        case ModelUse::Chat:
            path = QStringLiteral("chat/completions");
            body.insert(QStringLiteral("messages"), QJsonArray{QJsonObject{{QStringLiteral("role"), QStringLiteral("user")},
                                                                           {QStringLiteral("content"), tr("Hello!")}}});
            break;
        case ModelUse::Completion:
            path = QStringLiteral("completions");
            body.insert(QStringLiteral("prompt"), tr("Once upon a time"));
            break;
        case ModelUse::Embeddings:
            path = QStringLiteral("embeddings");
            body.insert(QStringLiteral("input"), tr("Once upon a time"));
            break;
    }
    QString json = QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact));
    // Within single quotes a shell knows no escape but ending them.
    json.replace(u'\'', QStringLiteral("'\\''"));
    const QString key = m_server.apiKeyRequired() ? QStringLiteral(" -H \"Authorization: Bearer $MILLM_API_KEY\"") : QString();
    return QStringLiteral("curl %1/%2%3 -H 'Content-Type: application/json' -d '%4'").arg(endpoint(), path, key, json);
}

void ModelList::copy(const QString &text, const QString &told) {
    if (text.isEmpty()) {
        m_toasts.show(ToastList::Kind::Warning, m_server.detail());
        return;
    }
    QGuiApplication::clipboard()->setText(text);
    m_toasts.show(ToastList::Kind::Info, told);
}

void ModelList::copyEndpoint(qint64) {
    copy(endpoint(), tr("Endpoint copied: %1").arg(endpoint()));
}

void ModelList::copyCurl(qint64 id) {
    copy(curlLine(id), tr("curl line copied"));
}

}  // namespace millm
