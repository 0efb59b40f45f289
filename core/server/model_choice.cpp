#include "core/server/model_choice.h"

#include "core/inference/inference_service.h"
#include "core/models/model_service.h"
#include "core/server/http/exchange.h"
#include "core/server/openai/answer_parts.h"

#include <algorithm>

namespace millm {
namespace {

bool answersTo(const Model &model, const QString &name) {
    return model.name == name || (!model.repoId.isEmpty() && model.repoId == name);
}

}  // namespace

QString ModelChoice::meant(const QString &name) const {
    if (!m_aliases.contains(name)) return name;
    const QList<Model> models = m_models.models();
    const bool own = std::ranges::any_of(models, [&](const Model &model) { return answersTo(model, name); });
    return own ? name : m_aliases.value(name);
}

QStringList ModelChoice::aliasesOf(const Model &model) const {
    QStringList names;
    for (auto alias = m_aliases.begin(); alias != m_aliases.end(); ++alias)
        if (answersTo(model, alias.value()) && meant(alias.key()) != alias.key()) names += alias.key();
    return names;
}

void ModelChoice::with(http::Exchange &exchange, const QString &called, std::function<void()> then) {
    const QString name = meant(called);
    Q_EMIT exchange.modelNamed(name);
    const auto wrong = openai::checkModel(m_inference, name);
    if (!wrong) return then();
    const auto model = m_onDemand ? offered(name) : std::nullopt;
    if (!model) return exchange.fail(*wrong);
    const auto finish = [this, &exchange, name, then = std::move(then)](const Result<Model> &loaded) {
        if (!loaded) return exchange.fail(loaded.error());
        // Somebody else may have wanted another one meanwhile.
        if (const auto still = openai::checkModel(m_inference, name)) return exchange.fail(*still);
        then();
    };
    if (model->state == ModelState::Loading || model->state == ModelState::Loaded)
        return exchange.when(m_models.loadFinished(model->id), finish);
    exchange.when(m_models.load(model->id, {}), [this, &exchange, id = model->id, finish](const Result<Model> &loading) {
        if (!loading) return exchange.fail(loading.error());
        exchange.when(m_models.loadFinished(id), finish);
    });
}

QList<Model> ModelChoice::offered() const {
    QList<Model> list = m_models.models();
    const auto loaded = m_inference.loaded();
    list.removeIf([&](const Model &model) {
        if (loaded && model.id == loaded->modelId) return false;
        const bool here = model.state == ModelState::Ready || model.state == ModelState::Loading ||
                          model.state == ModelState::Loaded || model.state == ModelState::LoadFailed;
        return !m_onDemand || !here;
    });
    return list;
}

std::optional<Model> ModelChoice::offered(const QString &called) const {
    const QString name = meant(called);
    for (const Model &model : offered())
        if (answersTo(model, name)) return model;
    return std::nullopt;
}

}  // namespace millm
