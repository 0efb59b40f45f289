import QtQuick
import MiLLM
import MiLLM.Ui

/// The machine's numbers that there is room for: temperature goes first, then RAM, then CPU.
Row {
    id: metrics

    required property SystemStatus system
    /// How many of them are shown, counted from the most wanted; the header knows the room.
    required property int shown
    readonly property list<Item> wanted: [gpu, noGpu, vram, cpu, ram, heat]
    function shows(item: Item): bool {
        return wanted.indexOf(item) < shown;
    }

    spacing: Theme.sized(16)
    visible: system.known

    Metric {
        id: cpu
        objectName: "metric-cpu"
        glyph: "cpu"
        name: qsTr("CPU:")
        value: metrics.system.cpuText
        hint: metrics.system.cpuName
        visible: metrics.shows(cpu)
    }
    Metric {
        id: ram
        objectName: "metric-ram"
        glyph: "memory"
        name: qsTr("RAM:")
        value: metrics.system.memoryText
        visible: metrics.shows(ram)
    }
    Metric {
        id: gpu
        objectName: "metric-gpu"
        glyph: "gpu"
        name: qsTr("GPU:")
        value: metrics.system.gpuText
        hint: metrics.system.gpuName
        visible: metrics.system.hasGpu && metrics.shows(gpu)
    }
    Metric {
        id: vram
        objectName: "metric-vram"
        glyph: "database"
        name: qsTr("VRAM:")
        value: metrics.system.gpuMemoryText
        visible: metrics.system.hasGpu && metrics.shows(vram)
    }
    Metric {
        id: heat
        objectName: "metric-temperature"
        glyph: "thermometer"
        value: metrics.system.temperatureText
        hint: qsTr("GPU temperature")
        tint: metrics.system.heat === SystemStatus.Heat.Hot ? Theme.colors.bad : metrics.system.heat === SystemStatus.Heat.Warm ? Theme.colors.warn : Theme.colors.text
        visible: value !== "" && metrics.shows(heat)
    }
    Label {
        id: noGpu
        objectName: "metric-no-gpu"
        anchors.verticalCenter: parent.verticalCenter
        text: qsTr("No GPU")
        color: Theme.colors.muted
        font.pixelSize: Theme.smallSize
        wrapMode: Text.NoWrap
        visible: !metrics.system.hasGpu && metrics.shows(noGpu)
    }
}
