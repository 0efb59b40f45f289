#pragma once

#include "core/engine/checkpoint/requirements.h"
#include "core/hub/repository.h"

#include <QString>

namespace millm {

/// Judges what was read of a repository or folder: fills in decoder, model type, architecture, what is known of tokenizer and
/// chat template, and why it cannot be used where it cannot. `form`: of its weight files; `flaw`: what is broken in them, empty
/// where nothing is. Slow for many tensors: a worker's thread.
void judge(RepositoryPlan &plan, engine::WeightForm form, const QString &flaw);

}  // namespace millm
