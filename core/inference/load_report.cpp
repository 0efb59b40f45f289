#include "core/inference/load_report.h"

#include "core/base/errors.h"

#include <algorithm>

namespace millm {

namespace {

LoadStage stageOf(engine::LoadStage stage) {
    switch (stage) {
        case engine::LoadStage::Quantizing:
            return LoadStage::Quantizing;
        case engine::LoadStage::MovingToGpu:
            return LoadStage::MovingToGpu;
        case engine::LoadStage::LoadingWeights:
            break;
    }
    return LoadStage::LoadingWeights;
}

}  // namespace

std::optional<LoadProgress> LoadReport::of(const engine::LoadProgress &progress) {
    const bool last = progress.bytes_total > 0 && progress.bytes_done >= progress.bytes_total;
    if (m_since.isValid() && progress.stage == m_stage && m_since.elapsed() < 100 && !last) return {};
    if (last && m_lastSent && progress.stage == m_stage) return {};
    m_lastSent = last;
    m_stage = progress.stage;
    m_since.start();
    LoadProgress told;
    told.modelId = m_modelId;
    told.stage = stageOf(progress.stage);
    if (progress.bytes_total > 0)
        told.progress = std::min(100.0, 100.0 * double(progress.bytes_done) / double(progress.bytes_total));
    return told;
}

Error loadError(qint64 modelId, const Error &error) {
    if (error.code == ErrorCode::Cancelled) return error;
    if (error.code == ErrorCode::InsufficientMemory) return errors::outOfMemory(modelId);
    return errors::loadFailed(modelId, error.message);
}

}  // namespace millm
