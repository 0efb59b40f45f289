import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// "Your Models": the head with search and disk space, and below it one of the four faces.
ColumnLayout {
    id: section

    required property ModelList models
    required property ModelFilter shownModels
    required property string sampleRepo

    signal loadAsked(var id)
    signal optionsAsked(var id)
    signal deleteAsked(var id, string name, string disk, bool local)
    signal renameAsked(var id, string name)
    signal sampleAsked

    spacing: Theme.sized(14)

    GridLayout {
        Layout.fillWidth: true
        columns: section.width < Theme.sized(560) ? 1 : 3
        columnSpacing: Theme.sized(16)
        rowSpacing: Theme.sized(8)

        Label {
            objectName: "models-heading"
            Layout.fillWidth: true
            text: qsTr("Your Models (%1)").arg(Number(section.models.count).toLocaleString(Qt.locale(), "f", 0))
            color: Theme.colors.heading
            font.pixelSize: Theme.headingSize
            weight: Font.DemiBold
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        TextField {
            objectName: "search-input"
            Layout.fillWidth: section.width < Theme.sized(560)
            Layout.preferredWidth: Theme.sized(260)
            implicitHeight: Theme.sized(34)
            visible: section.shownModels.searchable
            placeholderText: qsTr("Search models")
            text: section.shownModels.search
            Accessible.name: qsTr("Search models")
            Accessible.searchEdit: true
            onTextEdited: section.shownModels.search = text
            Keys.onEscapePressed: section.shownModels.search = ""
        }
        Row {
            spacing: Theme.sized(6)
            visible: section.models.cacheText !== ""

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "database"
                size: 14
                color: Theme.colors.muted
            }
            Label {
                objectName: "cache-size"
                text: section.models.cacheText
                color: Theme.colors.label
                font.pixelSize: Theme.smallSize
            }
        }
    }
    Flow {
        Layout.fillWidth: true
        spacing: Theme.sized(8)
        visible: section.shownModels.searchable

        ChoiceBox {
            implicitWidth: Theme.sized(170)
            implicitHeight: Theme.sized(34)
            font.pixelSize: Theme.sized(13)
            objectName: "state-choice"
            model: [qsTr("Any state"), qsTr("Loaded"), qsTr("At work"), qsTr("Ready"), qsTr("Failed")]
            chosen: section.shownModels.state
            Accessible.name: qsTr("State")
            onActivated: index => section.shownModels.state = index
        }
        ChoiceBox {
            implicitWidth: Theme.sized(170)
            implicitHeight: Theme.sized(34)
            font.pixelSize: Theme.sized(13)
            objectName: "source-choice"
            model: [qsTr("Any source"), qsTr("From the Hub"), qsTr("Local")]
            chosen: section.shownModels.origin
            Accessible.name: qsTr("Source")
            onActivated: index => section.shownModels.origin = index
        }
        ChoiceBox {
            implicitWidth: Theme.sized(170)
            implicitHeight: Theme.sized(34)
            font.pixelSize: Theme.sized(13)
            objectName: "order-choice"
            model: [qsTr("What matters first"), qsTr("Newest first"), qsTr("By name"), qsTr("Largest first")]
            chosen: section.shownModels.order
            Accessible.name: qsTr("Order")
            onActivated: index => section.shownModels.order = index
        }
    }
    ListFace {
        Layout.fillWidth: true
        visible: section.models.face !== ModelList.Face.Content
        face: section.models.face
        failure: section.models.failure
        sampleRepo: section.sampleRepo
        onSampleAsked: section.sampleAsked()
    }
    ModelGrid {
        Layout.fillWidth: true
        visible: section.models.face === ModelList.Face.Content
        models: section.models
        shownModels: section.shownModels
        onLoadAsked: id => section.loadAsked(id)
        onOptionsAsked: id => section.optionsAsked(id)
        onDeleteAsked: (id, name, disk, local) => section.deleteAsked(id, name, disk, local)
        onRenameAsked: (id, name) => section.renameAsked(id, name)
    }
}
