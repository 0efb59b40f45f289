#include "qml/window.h"

#include <QObject>
#include <QQmlEngine>
#include <QtQuickTest>

/// Gives the engine of the QML tests what the window's has.
class Setup : public QObject {
    Q_OBJECT
public Q_SLOTS:
    void qmlEngineAvailable(QQmlEngine *engine) { millm::prepareQml(*engine); }
};

QUICK_TEST_MAIN_WITH_SETUP(controls, Setup)
#include "controls.moc"
