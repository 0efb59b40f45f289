// Prints how long the window lets a person wait: for its first frame with many models, for each frame while everything moves
// at once, for what a click does while all cores are at work. Each beside its limit.
#include "core/base/background.h"
#include "tests/qml/scene.h"

#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QLoggingCategory>
#include <QRegularExpression>
#include <QSGRendererInterface>
#include <QTest>
#include <QTextStream>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

namespace {

using namespace millm;

std::vector<double> frames;  ///< milliseconds, since it was last cleared

/// The scene graph says of each frame what it took; the rest goes on as it is.
QtMessageHandler others = nullptr;
void listen(QtMsgType type, const QMessageLogContext &context, const QString &text) {
    static const QRegularExpression took(QStringLiteral("[Ff]rame.* in (\\d+)ms"));
    if (!QByteArrayView(context.category).startsWith("qt.scenegraph.time")) {
        if (type != QtInfoMsg && type != QtDebugMsg) others(type, context, text);
        return;
    }
    if (const auto match = took.match(text); match.hasMatch()) frames.push_back(match.captured(1).toDouble());
}

double at(std::vector<double> values, double share) {
    if (values.empty()) return std::nan("");
    std::ranges::sort(values);
    return values[std::min(values.size() - 1, std::size_t(share * double(values.size())))];
}

/// Turns the event loop until a frame that is begun after this is on the screen; milliseconds.
double untilFrame(QQuickWindow *window, const QElapsedTimer &clock) {
    bool swapped = false;
    const auto connection = QObject::connect(window, &QQuickWindow::frameSwapped, window, [&] { swapped = true; });
    while (!swapped && clock.elapsed() < 30000)
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    QObject::disconnect(connection);
    return double(clock.nsecsElapsed()) / 1e6;
}

void settle(int milliseconds) {
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < milliseconds) QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
}

QList<Model> manyModels(int count) {
    QList<Model> models;
    for (int i = 1; i <= count; ++i) {
        Model model = samples::gemma2b();
        model.id = i;
        model.name = QStringLiteral("model-%1").arg(i);
        model.state = i == 1 ? ModelState::Loaded : i <= 3 ? ModelState::Downloading : ModelState::Ready;
        models << model;
    }
    return models;
}

class Table {
public:
    Table() { m_out << "| what | measured | limit | of the limit |\n|---|---|---|---|" << Qt::endl; }
    void row(const char *what, double milliseconds, double limit) {
        m_out << "| " << what << " | " << QString::number(milliseconds, 'f', 1) << " ms | " << limit << " ms | "
              << QString::number(milliseconds / limit, 'f', 2) << " |" << Qt::endl;
    }
    void note(const QString &text) { m_out << text << Qt::endl; }

private:
    QTextStream m_out{stdout};
};

/// Milliseconds from nothing to a frame with `count` models.
double firstFrame(int count) {
    QElapsedTimer clock;
    clock.start();
    Scene scene;
    scene.app.models()->setModels(manyModels(count));
    return untilFrame(scene.window, clock);
}

/// Downloads, a load and an answer at once, for `seconds`, above an answer of `characters`.
void everythingAtOnce(Scene &scene, qsizetype characters, int seconds) {
    Chat &chat = *scene.app.chat();
    chat.setModel(QStringLiteral("model-1"), ModelUse::Chat, 8192);
    scene.window->setProperty("page", 1);
    chat.send(QStringLiteral("Tell me everything."));
    const QString paragraph = QStringLiteral(
        "Some *words* of an answer, with `code` and **weight**, as models write them.\n\n"
        "- one\n- two\n\n```c\nint main() { return 0; }\n```\n\n");
    for (qsizetype said = 0; said < characters; said += paragraph.size()) scene.chat.say(paragraph);
    settle(1500);
    frames.clear();
    QElapsedTimer clock;
    clock.start();
    int beat = 0;
    while (clock.elapsed() < seconds * 1000) {
        scene.chat.say(QStringLiteral("word "));
        if (++beat % 20 == 0) scene.chat.say(QStringLiteral("\n\n"));
        if (beat % 10 == 0)
            for (qint64 id = 2; id <= 3; ++id)
                scene.app.models()->setDownloadProgress({id, DownloadPhase::Downloading, std::fmod(beat / 10.0, 100.0),
                                                         beat * 1'000'000LL, 4'900'000'000, 99.2, 229, 0});
        settle(10);
    }
    scene.chat.end(engine::FinishReason::Stop, beat, seconds);
}

/// What was thought, unfolded while it grows, for `seconds`, above `characters` of it. Milliseconds from unfolding to its
/// frame.
double reasoningGrows(Scene &scene, qsizetype characters, int seconds) {
    Chat &chat = *scene.app.chat();
    chat.startNew();
    chat.send(QStringLiteral("Think of everything."));
    scene.chat.begin(true);
    const QString line = QStringLiteral("First one thinks of this, then of that, and of what follows from both of these.\n");
    for (qsizetype said = 0; said < characters; said += line.size()) scene.chat.say(line);
    settle(500);
    QElapsedTimer clock;
    clock.start();
    for (int row = 0; row < chat.transcript()->rowCount(); ++row) chat.transcript()->unfold(row, true);
    const double unfolded = untilFrame(scene.window, clock);
    frames.clear();
    clock.restart();
    for (int beat = 1; clock.elapsed() < seconds * 1000; ++beat) {
        scene.chat.say(beat % 20 == 0 ? QStringLiteral("\n") : QStringLiteral("word "));
        settle(10);
    }
    scene.chat.end(engine::FinishReason::Stop, 1, seconds);
    return unfolded;
}

/// Milliseconds from a click on the other page's tab to the frame that shows it, the median of `times`.
double clickToPixel(Scene &scene, int times) {
    std::vector<double> took;
    for (int i = 0; i < times; ++i) {
        QQuickItem *tab = scene.one(i % 2 ? QStringLiteral("page-tab-1") : QStringLiteral("page-tab-0"));
        if (!tab) return std::nan("");
        const QPoint place = tab->mapToScene(QPointF(tab->width() / 2, tab->height() / 2)).toPoint();
        settle(150);
        QElapsedTimer clock;
        clock.start();
        QTest::mouseClick(scene.window, Qt::LeftButton, {}, place, 0);
        took.push_back(untilFrame(scene.window, clock));
    }
    return at(took, 0.5);
}

/// As many threads as cores, busy while this lives: what a load does to a machine, by threads of its kind.
class Busy {
public:
    Busy() {
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
            m_threads.emplace_back([this] {
                background::enter();
                volatile double x = 1;
                while (!m_stop) x = x * 1.0000001;
            });
    }
    ~Busy() {
        m_stop = true;
        for (std::thread &thread : m_threads) thread.join();
    }

private:
    std::atomic<bool> m_stop = false;
    std::vector<std::thread> m_threads;
};

}  // namespace

int main(int argc, char **argv) {
    QGuiApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption seconds(QStringLiteral("seconds"), QStringLiteral("of everything at once"), QStringLiteral("n"),
                                     QStringLiteral("10"));
    parser.addOption(seconds);
    parser.process(application);
    background::giveWay();
    others = qInstallMessageHandler(listen);
    QLoggingCategory::setFilterRules(QStringLiteral("qt.scenegraph.time.renderloop=true"));

    Table table;
    table.row("first frame of a process, 1000 models", firstFrame(1000), 500);
    std::vector<double> first;
    for (int i = 0; i < 5; ++i) first.push_back(firstFrame(1000));
    table.row("the same once fonts and QML's files are in memory, median", at(first, 0.5), 500);

    Scene scene;
    scene.app.models()->setModels(manyModels(1000));
    settle(500);
    everythingAtOnce(scene, 300'000, parser.value(seconds).toInt());
    const std::vector<double> moving = frames;
    table.row("a frame, median: two downloads and an answer of 300,000 characters", at(moving, 0.5), 16);
    table.row("the same, 99 of 100", at(moving, 0.99), 16);
    table.row("the same, the longest", at(moving, 1), 16);
    table.row("unfolding 300,000 characters of reasoning, to the frame",
              reasoningGrows(scene, 300'000, std::max(1, parser.value(seconds).toInt() / 2)), 50);
    table.row("the longest frame while they go on", at(frames, 1), 16);
    table.row("click to pixel, median", clickToPixel(scene, 21), 50);
    {
        const Busy busy;
        table.row("the same while every core is at work", clickToPixel(scene, 21), 50);
    }
    table.note(QStringLiteral("%1 frames; rendering: %2")
                   .arg(moving.size())
                   .arg(scene.window->rendererInterface()->graphicsApi() == QSGRendererInterface::Software
                            ? QStringLiteral("software")
                            : QStringLiteral("GPU or its stand-in")));
    return 0;
}
