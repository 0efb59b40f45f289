pragma ComponentBehavior: Bound
import QtQuick
import Qt.labs.platform as Platform
import MiLLM.Ui

/// The program in the desktop's tray, where it has one: what it does at a glance, and the way back to the window.
Platform.SystemTrayIcon {
    id: tray

    required property ModelList models
    required property LoadableModels loadable
    required property ServerState server
    required property Closing closing

    signal openAsked
    signal quitAsked
    signal loadAsked(var id)

    visible: true
    icon.source: "qrc:/millm/app/millm-48.png"
    icon.name: "millm"
    tooltip: "miLLM • " + (closing.finishing ? qsTr("quits when it has finished") : loadable.loading !== "" ? qsTr("loading %1").arg(loadable.loading) : models.loadedName !== "" ? models.loadedName : server.label)
    onActivated: reason => {
        if (reason !== Platform.SystemTrayIcon.Context)
            tray.openAsked();
    }

    menu: Platform.Menu {
        id: menu

        Platform.MenuItem {
            text: qsTr("Open miLLM")
            onTriggered: tray.openAsked()
        }
        Platform.MenuSeparator {}
        Platform.MenuItem {
            text: tray.models.loadedName !== "" ? qsTr("Unload %1").arg(tray.models.loadedName) : qsTr("No model is loaded")
            enabled: tray.models.loadedName !== ""
            onTriggered: tray.models.unloadLoaded()
        }
        Platform.Menu {
            id: loads
            title: qsTr("Load")
            enabled: tray.loadable.count > 0

            Instantiator {
                model: tray.loadable
                onObjectAdded: (index, object) => loads.insertItem(index, object as Platform.MenuItem)
                onObjectRemoved: (index, object) => loads.removeItem(object as Platform.MenuItem)

                Platform.MenuItem {
                    required property string name
                    required property var modelId

                    text: name
                    onTriggered: tray.loadAsked(modelId)
                }
            }
        }
        Platform.MenuSeparator {}
        Platform.MenuItem {
            text: qsTr("Quit")
            onTriggered: tray.quitAsked()
        }
    }
}
