pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import MiLLM
import MiLLM.Ui

/// What the program does by itself from now on, or from the next start.
ScrollPage {
    id: page

    required property SettingsForm form
    required property Gathering gathering
    required property Appearance appearance
    required property Language language

    title: qsTr("Settings")

    function focusSetting(key: string): void {
        find(contentItem, "setting-" + key)?.forceActiveFocus(Qt.TabFocusReason);
        revealFocused(); // the page may be new
    }
    function find(item: Item, name: string): Item {
        if (item.objectName === name)
            return item;
        for (const child of item.children) {
            const found = find(child, name);
            if (found)
                return found;
        }
        return null;
    }

    ColumnLayout {
        width: parent?.width ?? 0
        spacing: Theme.sized(20)

        PageTitle {
            Layout.fillWidth: true
            title: page.title
            subtitle: qsTr("Each says when it takes effect. Address, port and key stand on the server's page.")
        }
        Notice {
            objectName: "not-kept"
            Layout.fillWidth: true
            visible: !page.form.keeping
            text: qsTr("The demo leaves no traces: what is changed here lasts until the program ends.")
        }
        Card {
            Layout.fillWidth: true

            CardTitle {
                glyph: "eye"
                text: qsTr("Appearance")
            }
            ThemeChoice {
                Layout.fillWidth: true
                appearance: page.appearance
            }
            LanguageChoice {
                Layout.fillWidth: true
                language: page.language
            }
        }
        GatheringCard {
            Layout.fillWidth: true
            gathering: page.gathering
        }
        Repeater {
            model: page.form.groups

            Card {
                id: card

                required property SettingsGroup modelData

                Layout.fillWidth: true

                CardTitle {
                    glyph: "sliders"
                    text: card.modelData.title
                }
                Repeater {
                    model: card.modelData

                    SettingRow {
                        Layout.fillWidth: true
                        onEntered: text => card.modelData.enter(index, text)
                        onChosen: option => card.modelData.choose(index, option)
                        onFolderChosen: folder => card.modelData.enterFolder(index, folder)
                        onSwitched: on => card.modelData.toggle(index, on)
                    }
                }
            }
        }
        Card {
            Layout.fillWidth: true

            CardTitle {
                glyph: "key"
                text: qsTr("Access token of the Hub")
            }
            Field {
                Layout.fillWidth: true
                Layout.maximumWidth: Theme.sized(760)
                label: qsTr("Access token")
                aside: qsTr("(for gated models)")

                PasswordField {
                    objectName: "settings-token"
                    Layout.fillWidth: true
                    text: page.form.token
                    placeholderText: "hf_xxxxxxxxxxxxxxxxxxxx"
                    font.family: Theme.mono
                    Accessible.name: qsTr("Access token")
                    onEditingFinished: page.form.token = text
                }
            }
            Label {
                Layout.fillWidth: true
                text: qsTr("Kept in memory alone until the program ends, for what brings no token of its own. Takes effect at once.")
                color: Theme.colors.muted
                font.pixelSize: Theme.smallSize
            }
        }
    }
}
