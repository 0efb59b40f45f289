#pragma once

#include "core/base/last_net.h"

#include <QCoreApplication>
#include <QEvent>

namespace millm {

/// An application that outlives what a slot, a timer or an event handler throws, in each thread with an event loop: it ends
/// there, as a line of the log. Qt itself would end the process.
template <class Application>
class Guarded final : public Application {
public:
    using Application::Application;

    bool notify(QObject *receiver, QEvent *event) override {
        try {
            return Application::notify(receiver, event);
        } catch (...) {
            logFault("an event's handler");
            return false;
        }
    }
};

}  // namespace millm
