// Prints how fast a large model is downloaded and checked, and downloaded and quantized, from a Hub on the loopback; beside
// what curl and sha256sum take for the same file from the same server.
#include "core/downloads/download_queue.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/waiting.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QProcess>
#include <QTemporaryDir>
#include <QTextStream>

#include <algorithm>
#include <optional>

namespace {

using namespace millm;
using namespace millm::testing;

const QString repo = QStringLiteral("bench/large");

class Bench {
public:
    Bench(int megabytes, const QString &folder) : m_data(folder + QStringLiteral("/millm-bench-XXXXXX")) {
        // Layers of 2048 and 8192: 268 MB each, with real numbers, as the disk and the quantizer would see them.
        LlamaSpec spec{
            .vocab = 2048, .hidden = 2048, .intermediate = 8192, .layers = std::max(1, megabytes / 268), .heads = 16};
        writeLlama(m_data.filePath(QStringLiteral("source")), spec);
        m_size = QFileInfo(m_data.filePath(QStringLiteral("source/model.safetensors"))).size();
        m_hub.addRepository(repo, m_data.filePath(QStringLiteral("source")));
    }

    void run(int rounds) {
        m_out << m_size / 1'000'000 << " MB of float32 weights over the loopback, best of " << rounds << Qt::endl;
        m_out << "| what | seconds | MB/s |\n|---|---|---|" << Qt::endl;
        print("miLLM, FP16: download, sha256, written to disk", rounds, [this] { return download(engine::Scheme::Plain); });
        print("miLLM, Q4: the same and quantized", rounds, [this] { return download(engine::Scheme::NF4); });
        print("miLLM, Q8: the same and quantized", rounds, [this] { return download(engine::Scheme::Int8); });
        print("curl to a file, then sha256sum, sync", rounds,
              [this] { return shell(QStringLiteral("curl -sSfL -o %2 %1 && sha256sum %2 >/dev/null && sync %2 && rm %2")); });
        print("curl to a file", rounds, [this] { return shell(QStringLiteral("curl -sSfL -o %2 %1 && rm %2")); });
    }

private:
    template <class Work>
    void print(const char *what, int rounds, Work work) {
        double best = 0;
        for (int round = 0; round < rounds; ++round) {
            QElapsedTimer clock;
            clock.start();
            if (!work()) {
                m_out << "| " << what << " | failed | |" << Qt::endl;
                return;
            }
            const double seconds = double(clock.elapsed()) / 1000;
            best = round == 0 ? seconds : std::min(best, seconds);
        }
        m_out << "| " << what << " | " << QString::number(best, 'f', 2) << " | " << qRound(double(m_size) / 1e6 / best) << " |"
              << Qt::endl;
    }

    bool download(engine::Scheme scheme) {
        HubClient client(hubSettings(m_hub));
        RepositoryInspector inspector(client);
        const auto plan = answer(inspector.inspect(repo, {}));
        if (!plan || !plan->decoder) return false;
        DownloadQueue queue(client);
        std::optional<bool> done;
        QObject::connect(&queue, &DownloadQueue::finished, &queue, [&] { done = true; });
        QObject::connect(&queue, &DownloadQueue::failed, &queue, [&](qint64, const Error &error) {
            m_out << error.message << Qt::endl;
            done = false;
        });
        const QString folder = m_data.filePath(QStringLiteral("made"));
        queue.enqueue({.modelId = 1, .plan = *plan, .quantization = scheme, .token = {}, .folder = folder});
        while (!done) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QDir(folder).removeRecursively();
        return *done;
    }

    bool shell(const QString &command) {
        const QString url = m_hub.endpoint().toString() + '/' + repo + QStringLiteral("/resolve/main/model.safetensors");
        const QString target = m_data.filePath(QStringLiteral("curl.bin"));
        QProcess process;
        process.start(QStringLiteral("sh"), {QStringLiteral("-c"), command.arg(url, target)});
        return process.waitForFinished(-1) && process.exitCode() == 0;
    }

    QTextStream m_out{stdout};
    QTemporaryDir m_data;
    HubEmulator m_hub;
    qint64 m_size = 0;
};

}  // namespace

int main(int argc, char **argv) {
    qputenv("QT_NO_GLIB", "1");
    QLoggingCategory::setFilterRules(QStringLiteral("millm.*.debug=false\nmillm.*.info=false"));
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption size(QStringLiteral("megabytes"), QStringLiteral("About the model's size."), QStringLiteral("n"),
                                  QStringLiteral("1072"));
    const QCommandLineOption rounds(QStringLiteral("rounds"), QStringLiteral("Each is done so often."), QStringLiteral("n"),
                                    QStringLiteral("3"));
    const QCommandLineOption folder(QStringLiteral("folder"), QStringLiteral("On the disk to be measured."),
                                    QStringLiteral("path"), QDir::tempPath());
    parser.addOptions({size, rounds, folder});
    parser.process(app);
    Bench(parser.value(size).toInt(), parser.value(folder)).run(parser.value(rounds).toInt());
    return 0;
}
