// Pictures of the window in every state, at three widths and in three themes: window_gallery FOLDER [FACE…], in the language of
// MILLM_GALLERY_LOCALE ("de", "ar").
#include "tests/qml/faces.h"
#include "ui/translations.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTextStream>

#include <optional>

using namespace millm;

namespace {

struct Shot {
    QString name;
    QSize size;
    Appearance::Choice theme;
};

void settle(int milliseconds) {
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < milliseconds) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
}

}  // namespace

int main(int argc, char **argv) {
    QGuiApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() < 2) {
        QTextStream(stderr) << "usage: window_gallery FOLDER [FACE…]\n";
        return 2;
    }
    std::optional<Translations> translations;
    if (const QString locale = qEnvironmentVariable("MILLM_GALLERY_LOCALE"); !locale.isEmpty())
        translations.emplace(QLocale(locale));
    const QDir folder(arguments[1]);
    folder.mkpath(QStringLiteral("."));
    QList<Shot> shots;
    for (const QSize size : {QSize(1280, 800), QSize(1600, 900), QSize(390, 844)})
        for (const auto &[theme, name] :
             {std::pair(Appearance::Choice::Dark, ""), std::pair(Appearance::Choice::Light, "-light"),
              std::pair(Appearance::Choice::HighContrast, "-contrast")})
            shots << Shot{QStringLiteral("%1x%2%3").arg(size.width()).arg(size.height()).arg(QLatin1StringView(name)), size,
                          theme};
    for (const Face &face : faces()) {
        if (arguments.size() > 2 && !arguments.mid(2).contains(face.name)) continue;
        for (const Shot &shot : shots) {
            Scene scene;
            if (!scene.loaded) return 1;
            scene.app.appearance()->setChoice(shot.theme);
            scene.window->resize(shot.size);
            settle(50);
            face.arrange(scene);
            settle(450);
            const QString path = folder.filePath(face.name + u'-' + shot.name + QStringLiteral(".png"));
            if (!scene.window->grabWindow().save(path)) return 1;
            QTextStream(stdout) << path << Qt::endl;
        }
    }
    return 0;
}
