#pragma once

#include "tests/qml/scene.h"

#include <QList>
#include <QString>

namespace millm {

/// A state of the window that can be looked at.
struct Face {
    QString name;
    std::function<void(Scene &)> arrange;
};

/// Everything the window can show, one row each. Append a row for a new state.
QList<Face> faces();

}  // namespace millm
