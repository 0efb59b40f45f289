#include "tests/qml/faces.h"
#include "tests/qml/hands.h"

#include <QDir>
#include <QElapsedTimer>
#include <QImage>
#include <QPainter>
#include <QStyleHints>

#include <algorithm>

using namespace millm;

/// The window compared with approved pictures of it (MILLM_APPROVE=1 writes them anew: look at them before they are committed).
/// Both are made four times smaller and cut into tiles, whose colours are compared on average: how fonts are drawn does not
/// count, a control that is missing or elsewhere does.
class TestPictures : public Hands {
    Q_OBJECT

    static constexpr int tile = 5;          ///< pixels of the small picture
    static constexpr double bearable = 11;  ///< of 255, on average over a tile and the three colours

    static QString path(const QString &face) { return QStringLiteral(MILLM_PICTURES) + u'/' + face + QStringLiteral(".png"); }
    static QImage quartered(const QImage &picture) {
        return picture.scaled(picture.size() / 4, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
            .convertToFormat(QImage::Format_RGB888);
    }
    static bool arrange(Scene &scene, const QString &name) {
        const QList<Face> all = faces();
        const auto face = std::ranges::find(all, name, &Face::name);
        if (face == all.end() || !scene.loaded) return false;
        scene.app.appearance()->setChoice(Appearance::Choice::Dark);
        scene.window->resize(1280, 800);
        if (!QTest::qWaitForWindowExposed(scene.window, 60000)) return false;
        face->arrange(scene);
        return QQuickTest::qWaitForPolish(scene.window, 60000);
    }
    /// Grabbed when nothing moves any more, and the tip of what has the focus has come.
    static QImage still(const Scene &scene) {
        QImage before, now;
        QElapsedTimer same;
        same.start();
        (void)QTest::qWaitFor(
            [&] {
                QTest::qWait(150);
                now = quartered(scene.window->grabWindow());
                if (std::exchange(before, now) != now) same.restart();
                return same.elapsed() > 1000;
            },
            20000);
        return now;
    }
    /// The worst tile's difference, and where it is.
    static std::pair<double, QPoint> difference(const QImage &one, const QImage &two) {
        if (one.size() != two.size()) return {255, {}};
        std::pair<double, QPoint> worst{0, {}};
        for (int top = 0; top < one.height(); top += tile) {
            for (int left = 0; left < one.width(); left += tile) {
                const int right = std::min(left + tile, one.width()), bottom = std::min(top + tile, one.height());
                double sum[2][3] = {};
                for (int y = top; y < bottom; ++y)
                    for (int x = left; x < right; ++x)
                        for (int colour = 0; colour < 3; ++colour) {
                            sum[0][colour] += one.constScanLine(y)[3 * x + colour];
                            sum[1][colour] += two.constScanLine(y)[3 * x + colour];
                        }
                double differs = 0;
                for (int colour = 0; colour < 3; ++colour) differs += std::abs(sum[0][colour] - sum[1][colour]);
                differs /= 3.0 * (right - left) * (bottom - top);
                if (differs > worst.first) worst = {differs, QPoint(4 * left, 4 * top)};
            }
        }
        return worst;
    }
    static void compare(const QImage &picture, const QString &name) {
        if (qEnvironmentVariableIsSet("MILLM_APPROVE")) {
            QDir().mkpath(QStringLiteral(MILLM_PICTURES));
            QVERIFY(picture.save(path(name), "PNG", 0));
            return;
        }
        const QImage approved = QImage(path(name)).convertToFormat(QImage::Format_RGB888);
        QVERIFY2(!approved.isNull(), qPrintable(path(name)));
        const auto [differs, where] = difference(picture, approved);
        if (differs > bearable) picture.save(QDir::temp().filePath(QStringLiteral("millm-") + name + QStringLiteral(".png")));
        QVERIFY2(differs <= bearable, qPrintable(QStringLiteral("%1 of 255 at %2,%3; the picture lies in %4")
                                                     .arg(differs, 0, 'f', 1)
                                                     .arg(where.x())
                                                     .arg(where.y())
                                                     .arg(QDir::tempPath())));
    }

private Q_SLOTS:
    void initTestCase() { QGuiApplication::styleHints()->setCursorFlashTime(0); }  // nothing is still that blinks

    void looksAsApproved_data() {
        QTest::addColumn<QString>("face");
        // One of each page and of the dialogs that no card of a model is part of.
        for (const char *face : {"empty", "found", "local", "shortcuts", "server", "settings", "chat", "chat-options"})
            QTest::addRow("%s", face) << s(face);
    }
    void looksAsApproved() {
        QFETCH(QString, face);
        Scene scene;
        QVERIFY(arrange(scene, face));
        compare(still(scene), face);
    }
    void cardsLookAsApproved_data() {
        QTest::addColumn<QString>("status");
        for (const char *status : {"Ready", "Downloading", "Loaded", "Error"}) QTest::addRow("%s", status) << s(status);
    }
    void cardsLookAsApproved() {
        QFETCH(QString, status);
        Scene scene;
        QVERIFY(arrange(scene, s("states")));
        scene.window->resize(1280, 2400);
        (void)still(scene);
        const auto cards = scene.all(s("model-card"));
        const auto card = std::ranges::find_if(cards, [&](QQuickItem *item) { return item->property("status") == status; });
        QVERIFY(card != cards.end());
        const QRectF place = (*card)->mapRectToScene(QRectF(0, 0, (*card)->width(), (*card)->height()));
        compare(quartered(scene.window->grabWindow().copy(place.toAlignedRect())), s("card-") + status.toLower());
    }
    /// The measure itself: what it has to see, it sees.
    void seesWhatIsMissingOrMoved_data() {
        QTest::addColumn<QString>("control");
        for (const char *control : {"quantization-box", "add-local-btn", "trust-box"})
            QTest::addRow("%s", control) << s(control);
    }
    void seesWhatIsMissingOrMoved() {
        QFETCH(QString, control);
        Scene scene;
        QVERIFY(arrange(scene, s("empty")));
        const QImage whole = still(scene);
        QQuickItem *item = scene.one(control);
        QVERIFY(item);
        item->setOpacity(0);
        QVERIFY2(difference(still(scene), whole).first > bearable, "missing");
        item->setOpacity(1);
        item->setX(item->x() + 40);
        const double moved = difference(still(scene), whole).first;
        QVERIFY2(moved > bearable, qPrintable(QStringLiteral("moved: %1").arg(moved)));
    }
    /// And what it has to bear, it bears: letters a little heavier or softer, by half a pixel elsewhere.
    void bearsHowLettersAreDrawn() {
        Scene scene;
        QVERIFY(arrange(scene, s("settings")));
        (void)still(scene);
        const QImage picture = scene.window->grabWindow();
        QImage softer(picture.size(), QImage::Format_RGB32);
        QPainter painter(&softer);
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(QRectF(QPointF(0.5, 0.5), QSizeF(picture.size())), picture);
        painter.end();
        const double differs = difference(quartered(softer), quartered(picture)).first;
        QVERIFY2(differs < bearable, qPrintable(QString::number(differs)));
    }
};

QTEST_MAIN(TestPictures)
#include "test_pictures.moc"
