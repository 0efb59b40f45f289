#pragma once

#include "core/models/model.h"

#include <QList>
#include <QMap>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>

namespace millm {
class InferenceService;
class ModelService;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm {

/// Which model a request names: the one in memory or, where that is wanted, a ready one that is loaded for it first. Services
/// thread.
class ModelChoice {
public:
    /// `aliases`: further names, to a model's name or repository.
    ModelChoice(InferenceService &inference, ModelService &models, bool onDemand, QMap<QString, QString> aliases)
        : m_inference(inference), m_models(models), m_onDemand(onDemand), m_aliases(std::move(aliases)) {}

    /// Calls `then` once the model of that name takes requests, at once where it does; else the exchange is answered:
    /// ModelNotLoaded, ModelNotFound, ModelBusy, or what kept it from being loaded.
    void with(http::Exchange &exchange, const QString &name, std::function<void()> then);

    /// What the name stands for where it is an alias; a model's own name is none.
    QString meant(const QString &name) const;
    /// The aliases of that model.
    QStringList aliasesOf(const Model &model) const;
    /// The models that requests may name.
    QList<Model> offered() const;
    std::optional<Model> offered(const QString &name) const;

private:
    InferenceService &m_inference;
    ModelService &m_models;
    const bool m_onDemand;
    const QMap<QString, QString> m_aliases;
};

}  // namespace millm
