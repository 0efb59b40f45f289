#pragma once

#include "tests/qml/scene.h"

#include <QStringList>

namespace millm {

/// A line for each text that sticks out of the window or is cut. Texts that are meant to be shortened say so with `elide`.
QStringList cutTexts(const Scene &scene);

/// The item's class and its text.
QString describe(const QQuickItem *item);

}  // namespace millm
