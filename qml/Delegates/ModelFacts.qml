import QtQuick
import MiLLM

/// What a model's card knows (the roles of ModelList) and what it asks for.
Rectangle {
    required property var modelId // 64 bits: no QML number type holds every id
    required property string name
    required property int place // in the queue of downloads, from 1 on; 0: not in it
    required property string details
    required property string location
    required property bool local
    required property string status
    required property int tone
    required property bool busy
    required property double progress
    required property string activity
    required property string progressText
    required property string memoryText
    required property string diskText
    required property string failure
    required property bool canLoad
    required property bool canUnload
    required property bool canCancel
    required property bool canRetry
    required property bool canDelete
    required property string deleteHint
    required property string spoken

    readonly property bool stacked: width < Theme.sized(560) // buttons stand below
    readonly property bool compact: width < Theme.sized(480) // and show only their icons

    signal loadAsked
    signal optionsAsked
    signal unloadAsked
    signal cancelAsked
    signal retryAsked
    signal deleteAsked
    signal deleteRefused
    signal endpointAsked
    signal curlAsked
    signal menuAsked(real x, real y)

    function act(): void {
        if (canLoad)
            loadAsked();
        else if (canUnload)
            unloadAsked();
        else if (canRetry)
            retryAsked();
    }
}
