#include "qml/window.h"

#include "qml/icon_provider.h"
#include "qml/spoken_progress.h"
#include "ui/app.h"
#include "ui/retold.h"

#include <QDirIterator>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QQmlApplicationEngine>
#include <QQuickStyle>
#include <QQuickWindow>

// Both modules are in static libraries: naming their registrations is what links them into the program.
void qml_register_types_MiLLM();
void qml_register_types_MiLLM_Ui();

namespace millm {

namespace {

/// Of the dialog for folders where the desktop has none of its own: this style takes all of its colours from the palette.
void useStyle() {
    QQuickStyle::setStyle(QStringLiteral("Fusion"));
}

void useFonts() {
    QDirIterator fonts(QStringLiteral(":/millm/fonts"));
    while (fonts.hasNext())
        if (QFontDatabase::addApplicationFont(fonts.next()) < 0) qWarning("no font in %ls", qUtf16Printable(fonts.filePath()));
    QFont font(QStringLiteral("Inter"));
    font.setPixelSize(14);
    font.setHintingPreference(QFont::PreferNoHinting);  // hinted to whole pixels, Inter's regular looks like its medium
    QGuiApplication::setFont(font);
    // Small text on dark ground is sharper this way than from distance fields.
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
}

}  // namespace

void prepareQml(QQmlEngine &engine) {
    qml_register_types_MiLLM();
    qml_register_types_MiLLM_Ui();
    static const bool once = (useFonts(), useStyle(), speakProgress(), true);
    Q_UNUSED(once)
    engine.addImageProvider(QStringLiteral("icon"), new IconProvider);
}

bool loadWindow(QQmlApplicationEngine &engine, App &app, QVariantMap properties) {
    prepareQml(engine);
    // Else those dialogs come in the style that needs no choice, which paints parts of them white: Qt makes this known to the
    // engine when its controls are imported, which happens here with the first of those dialogs.
    engine.setExtraFileSelectors({QQuickStyle::name()});
    properties.insert(QStringLiteral("app"), QVariant::fromValue(&app));
    engine.setInitialProperties(properties);
    engine.loadFromModule("MiLLM", "Main");
    return !engine.rootObjects().isEmpty();
}

void retranslate(QQmlEngine &engine, App &app) {
    engine.retranslate();
    retell(app);
}

}  // namespace millm
