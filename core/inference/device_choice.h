#pragma once

#include "core/base/error.h"
#include "core/engine/language_model.h"

#include <QString>

namespace millm {

/// What the setting `device` asks for.
struct DeviceWish {
    enum class Kind { Auto, Cpu, Cuda };
    Kind kind = Kind::Auto;
    int index = 0;  ///< of the CUDA device
};

/// "auto", "cpu", "cuda", "cuda:N". InvalidRequest with field "device" otherwise.
Result<DeviceWish> deviceWishFrom(const QString &text);
/// "auto", "float16", "bfloat16", "float32". InvalidRequest with field "dtype" otherwise.
Result<engine::ComputeType> computeTypeFrom(const QString &text);
/// "fast", "exact". InvalidRequest with field "products" otherwise.
Result<engine::Products> productsFrom(const QString &text);

/// How many CUDA devices the driver sees; 0 without a driver. Asks libcuda alone: an engine with CUDA must not be loaded just
/// to look, since a second libtorch in the process would end it.
int cudaDeviceCount();

/// "cpu", "cuda:0".
QString nameOf(const engine::DeviceId &device);

}  // namespace millm
