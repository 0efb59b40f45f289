import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// The HTTP server: where it listens, how it is reached, who asks it what, and how it fares.
ScrollPage {
    id: page

    required property ServerState server
    required property ServerPanel panel
    readonly property bool wide: width >= Theme.twoColumns

    title: qsTr("Server")

    Binding {
        target: page.panel
        property: "watched"
        value: page.visible
    }

    ColumnLayout {
        width: parent?.width ?? 0
        spacing: Theme.sized(20)

        PageTitle {
            Layout.fillWidth: true
            title: page.title
            subtitle: qsTr("How other programs reach the loaded model")
        }
        Notice {
            objectName: "server-failure"
            Layout.fillWidth: true
            visible: page.panel.controls.failure !== ""
            glyph: "error"
            tint: Theme.colors.bad
            soft: Theme.colors.badSoft
            text: page.panel.controls.failure
            action: qsTr("Use port %1").arg(page.panel.controls.otherPort)
            heir: address.portField
            onActed: page.panel.controls.useOtherPort()
        }
        GridLayout {
            Layout.fillWidth: true
            columns: page.wide ? 2 : 1
            columnSpacing: Theme.sized(20)
            rowSpacing: Theme.sized(20)
            uniformCellWidths: page.wide

            ServerAddressCard {
                id: address
                Layout.fillWidth: true
                Layout.fillHeight: true
                server: page.server
                controls: page.panel.controls
            }
            ServerHealthCard {
                Layout.fillWidth: true
                Layout.fillHeight: true
                health: page.panel.health
            }
        }
        ServerSnippetsCard {
            Layout.fillWidth: true
            snippets: page.panel.snippets
            onCopyAsked: text => page.panel.controls.copy(text)
        }
        ServerRequestsCard {
            Layout.fillWidth: true
            panel: page.panel
        }
        ServerLogCard {
            Layout.fillWidth: true
            log: page.panel.log
            onCopyAsked: text => page.panel.controls.copy(text)
        }
    }
}
