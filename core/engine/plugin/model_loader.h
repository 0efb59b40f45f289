#pragma once

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/language_model.h"
#include "core/engine/layers/decoder.h"

#include <memory>
#include <string>
#include <vector>

namespace millm::engine {

/// Builds a Decoder from a folder's weights, tensor by tensor, so that memory holds the model and one tensor more.
/// `remarks` gets what the log should say of the checkpoint. InvalidFile for tensors that are missing or of another shape.
/// Throws what torch throws.
Result<std::unique_ptr<Decoder>> load_decoder(const Checkpoint &checkpoint, DecoderDescription description,
                                              const LoadOptions &options, const LoadObserver &observer,
                                              std::vector<std::string> &remarks);

}  // namespace millm::engine
