#pragma once

class QQmlApplicationEngine;

namespace millm {

class App;

/// Makes the window over `app` (fonts, icons, Main.qml). False where the QML could not be loaded; the reason is in the log.
/// `app` must outlive `engine`.
bool loadWindow(QQmlApplicationEngine &engine, App &app);

}  // namespace millm
