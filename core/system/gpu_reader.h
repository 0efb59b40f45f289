#pragma once

#include "core/system/system_monitor.h"

#include <QList>

#include <memory>

namespace millm {

/// NVIDIA's management library, loaded at run time where it is installed. One thread.
class GpuReader {
public:
    GpuReader();  ///< finds nothing where there is no driver
    ~GpuReader();
    /// All GPUs now; empty without a driver. What a GPU does not tell stays at its default.
    QList<GpuSample> read() const;

private:
    struct Library;
    std::unique_ptr<Library> m_library;
};

}  // namespace millm
