#pragma once

#include "core/base/error.h"
#include "core/engine/language_model.h"
#include "core/models/model.h"

#include <QElapsedTimer>

#include <optional>

namespace millm {

/// What of a load's progress is told: at most ten reports a second, and each first of a stage and the last one. The engine's
/// thread.
class LoadReport {
public:
    explicit LoadReport(qint64 modelId) : m_modelId(modelId) {}
    /// Nothing where it is not worth telling.
    std::optional<LoadProgress> of(const engine::LoadProgress &progress);

private:
    const qint64 m_modelId;
    QElapsedTimer m_since;
    engine::LoadStage m_stage = engine::LoadStage::LoadingWeights;
    bool m_lastSent = false;
};

/// What the engine says of a load that failed, about this model.
Error loadError(qint64 modelId, const Error &error);

}  // namespace millm
