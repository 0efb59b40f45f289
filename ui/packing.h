#pragma once

#include <QString>

/// What quantized a model's files before they came to this program, in words.
namespace millm::packing {

/// "gptq", "compressed-tensors, pack-quantized": what config.json's text says of it; empty where the weights are as they were
/// trained, or it is of a kind that is not supported.
QString form(const QString &config);

/// "GPTQ", "compressed-tensors (pack-quantized)".
QString name(const QString &form);

/// A sentence: what it is, and what becomes of it here. Empty of an empty form.
QString sentence(const QString &form);

/// A card's few words for it: "made from GPTQ". Empty where it is this program's own form as well.
QString origin(const QString &form);

}  // namespace millm::packing
