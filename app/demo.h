#pragma once

#include "core/base/settings.h"

#include <QString>
#include <QTemporaryDir>

#include <memory>

namespace millm {

class LocalHub;

/// `millm --demo`: a Hub on this machine that offers the sample model, and a data directory that goes when the program ends.
/// Main thread; its Hub answers in a thread of its own.
class Demo {
public:
    /// Points `settings` at the demo's Hub and data. Null where the sample model is not there.
    static std::unique_ptr<Demo> start(Settings &settings);
    ~Demo();

    static QString repository();         ///< "millm/sample-llama"
    static QString sampleModelFolder();  ///< beside the program, in a build tree as once installed

private:
    Demo();
    QTemporaryDir m_data;
    std::unique_ptr<LocalHub> m_hub;
};

}  // namespace millm
