#include "core/models/catalog.h"

#include <algorithm>

namespace millm {

namespace {

template <class F>
std::optional<Model> first(const QMap<qint64, Model> &models, F matches) {
    const auto found = std::ranges::find_if(models, matches);
    return found == models.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

std::optional<Model> Catalog::find(qint64 id) const {
    const auto found = m_models.find(id);
    return found == m_models.end() ? std::nullopt : std::optional(*found);
}

std::optional<Model> Catalog::findRepository(const QString &repoId, engine::Scheme scheme) const {
    return first(m_models, [&](const Model &model) {
        return model.source == ModelSource::HuggingFace && model.quantization == scheme &&
               model.repoId.compare(repoId, Qt::CaseInsensitive) == 0;
    });
}

std::optional<Model> Catalog::findLinked(const QString &path) const {
    return first(m_models, [&](const Model &model) { return model.linked() && model.localPath == path; });
}

std::optional<Model> Catalog::findKept(const QString &path, engine::Scheme scheme) const {
    return first(m_models,
                 [&](const Model &model) { return model.kept && model.quantization == scheme && model.localPath == path; });
}

std::optional<Model> Catalog::findName(const QString &name) const {
    return first(m_models, [&](const Model &model) { return model.name == name; });
}

std::optional<Model> Catalog::inState(std::initializer_list<ModelState> states) const {
    return first(m_models, [&](const Model &model) { return std::ranges::find(states, model.state) != states.end(); });
}

qint64 Catalog::downloadedBytes() const {
    qint64 mebibytes = 0, kept = 0;
    for (const auto &model : m_models) {
        const bool onDisk = model.state != ModelState::Queued && model.state != ModelState::Downloading &&
                            model.state != ModelState::DownloadFailed;
        if (!model.linked() && onDisk) mebibytes += model.diskSizeMb;
        if (model.linked()) kept += model.keptBytes;
    }
    return (mebibytes << 20) + kept;
}

void Catalog::put(const Model &model) {
    m_models.insert(model.id, model);
}

bool Catalog::apply(qint64 id, ModelEvent event, const QString &errorMessage) {
    const auto found = m_models.find(id);
    if (found == m_models.end()) return false;
    const auto *row = transition(found->state, event);
    if (!row) return false;
    if (!row->to) {
        m_models.erase(found);
        return true;
    }
    Model &model = *found;
    model.state = *row->to;
    model.updatedAt = QDateTime::currentDateTimeUtc();
    const bool failed = model.state == ModelState::DownloadFailed || model.state == ModelState::LoadFailed;
    if (!failed || !errorMessage.isEmpty()) model.errorMessage = failed ? errorMessage : QString();
    if (model.state != ModelState::Downloading) model.downloadProgress = 0;
    model.queuePlace = 0;
    if (model.state != ModelState::Loaded && model.state != ModelState::Unloading) {
        model.loadedAt = {};
        model.device.clear();
        model.memory.reset();
    }
    return true;
}

}  // namespace millm
