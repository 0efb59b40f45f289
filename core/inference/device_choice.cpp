#include "core/inference/device_choice.h"

#include "core/base/errors.h"

#include <dlfcn.h>

namespace millm {

Result<DeviceWish> deviceWishFrom(const QString &text) {
    if (text == QStringLiteral("auto")) return DeviceWish{};
    if (text == QStringLiteral("cpu")) return DeviceWish{DeviceWish::Kind::Cpu, 0};
    if (text == QStringLiteral("cuda")) return DeviceWish{DeviceWish::Kind::Cuda, 0};
    if (text.startsWith(QStringLiteral("cuda:"))) {
        bool ok = false;
        const int index = text.mid(5).toInt(&ok);
        if (ok && index >= 0 && index < 1024) return DeviceWish{DeviceWish::Kind::Cuda, index};
    }
    return errors::invalidRequest(QStringLiteral("device"),
                                  QStringLiteral("The device is auto, cpu, cuda or cuda:N, not '%1'.").arg(text));
}

Result<engine::ComputeType> computeTypeFrom(const QString &text) {
    if (text == QStringLiteral("auto")) return engine::ComputeType::Auto;
    if (text == QStringLiteral("float16")) return engine::ComputeType::Float16;
    if (text == QStringLiteral("bfloat16")) return engine::ComputeType::BFloat16;
    if (text == QStringLiteral("float32")) return engine::ComputeType::Float32;
    return errors::invalidRequest(
        QStringLiteral("dtype"), QStringLiteral("The compute type is auto, float16, bfloat16 or float32, not '%1'.").arg(text));
}

Result<engine::Products> productsFrom(const QString &text) {
    if (text == QStringLiteral("fast")) return engine::Products::Fast;
    if (text == QStringLiteral("exact")) return engine::Products::Exact;
    return errors::invalidRequest(QStringLiteral("products"),
                                  QStringLiteral("Products are fast or exact, not '%1'.").arg(text));
}

int cudaDeviceCount() {
    // Stays open: the engine needs the driver too, and closing it would undo its initialisation.
    void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!driver) return 0;
    const auto initialise = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
    const auto count = reinterpret_cast<int (*)(int *)>(dlsym(driver, "cuDeviceGetCount"));
    int devices = 0;
    if (!initialise || !count || initialise(0) != 0 || count(&devices) != 0) return 0;
    return devices;
}

QString nameOf(const engine::DeviceId &device) {
    return device.kind == engine::DeviceKind::Cuda ? QStringLiteral("cuda:%1").arg(device.index) : QStringLiteral("cpu");
}

}  // namespace millm
