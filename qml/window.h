#pragma once

#include <QVariantMap>

class QQmlApplicationEngine;
class QQmlEngine;

namespace millm {

class App;

/// Makes the window over `app` (fonts, icons, Main.qml) with these of its properties. False where the QML could not be loaded;
/// the reason is in the log. `app` must outlive `engine`. GUI thread.
bool loadWindow(QQmlApplicationEngine &engine, App &app, QVariantMap properties = {});

/// Has all that the window says said anew, in the language that is spoken now. GUI thread.
void retranslate(QQmlEngine &engine, App &app);

/// Only what the QML needs of C++: types, fonts, icons. For tests that show single controls.
void prepareQml(QQmlEngine &engine);

}  // namespace millm
