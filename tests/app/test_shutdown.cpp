#include "served_program.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

const QString sample = QStringLiteral(MILLM_SAMPLE_MODEL);

}  // namespace

/// SIGTERM ends the program whatever is under way. It has five seconds by itself and says where it had to leave something: here
/// is seen that it ends, and how.
class TestShutdown : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<ServedProgram> m_server;
    HubEmulator m_hub;
    QString m_url;
    std::vector<std::unique_ptr<QProcess>> m_texts;
    std::vector<std::unique_ptr<QTcpSocket>> m_streams;

    qint64 add(const QString &folder, const QString &name, const QString &quantization) {
        const Ended added = post(m_url + u"/api/models"_s, {{u"source"_s, u"local"_s},
                                                            {u"quantization"_s, quantization},
                                                            {u"local_path"_s, folder},
                                                            {u"custom_name"_s, name}});
        const qint64 id = added.data()["id"_L1].toInteger();
        if (id <= 0) qFatal("not added: %s", added.out.constData());
        return id;
    }
    Ended load(qint64 id, const QString &query = {}) {
        return post(m_url + u"/api/models/%1/load"_s.arg(id) + query, {{u"force"_s, true}});
    }
    QString statusOf(qint64 id) { return curl({m_url + u"/api/models/%1"_s.arg(id)}).data()["status"_L1].toString(); }
    void loadSample() {
        const Ended loaded = load(add(sample, u"sample"_s, u"FP16"_s), u"?wait=true"_s);
        QVERIFY2(loaded.data()["status"_L1] == "loaded"_L1, loaded.out);
    }

    /// So many that they take longer than a program may take to end.
    void sendTexts() {
        QFile text(m_home->filePath(u"long.json"_s));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("{\"prompt\":\"" + QByteArray("a long way to go ").repeated(61'000) +
                   "\"}");  // nearly the most that is read
        text.close();
        for (int i = 0; i < 30; ++i) {
            m_texts.push_back(std::make_unique<QProcess>());
            m_texts.back()->start(u"curl"_s, {u"-sS"_s, u"--noproxy"_s, u"*"_s, u"-H"_s, u"Content-Type: application/json"_s,
                                              u"--data-binary"_s, u"@"_s + text.fileName(), m_url + u"/tokenize"_s});
        }
        const auto answered = [this] {
            return std::ranges::count_if(m_texts, [](const auto &client) { return client->state() == QProcess::NotRunning; });
        };
        QTRY_VERIFY_WITH_TIMEOUT(answered() > 0, 120'000);
    }
    /// Answers without end to clients that read nothing.
    void openStreams() {
        const QByteArray body = R"({"model":"sample","prompt":"The","stream":true,"ignore_eos":true,"max_tokens":-1})";
        for (int i = 0; i < 8; ++i) {
            auto &socket = m_streams.emplace_back(std::make_unique<QTcpSocket>());
            socket->setReadBufferSize(1);
            socket->connectToHost(u"127.0.0.1"_s, quint16(QUrl(m_url).port()));
            QVERIFY(socket->waitForConnected(60'000));
            socket->write(
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
                QByteArray::number(body.size()) + "\r\n\r\n" + body);
            QVERIFY(socket->waitForReadyRead(120'000));
        }
    }
    void beginDownload() {
        m_hub.addRepository(u"somebody/hangs"_s, sample);
        const auto silenced = std::make_shared<std::atomic<int>>(0);
        const auto silentOnWeights = [silenced](const millm::HttpRequest &request, millm::HttpResponse &response) {
            if (response.length() < 1'000'000) return;  // the header, which is judged before
            faults::silence()(request, response);
            ++*silenced;
        };
        m_hub.addFault({.spoil = silentOnWeights, .listener = millm::LocalHub::Listener::Cdn, .count = -1});
        const Ended begun =
            post(m_url + u"/api/models"_s,
                 {{u"source"_s, u"huggingface"_s}, {u"repo_id"_s, u"somebody/hangs"_s}, {u"quantization"_s, u"Q4"_s}});
        QVERIFY2(begun.data()["status"_L1] == "downloading"_L1, begun.out);
        QTRY_VERIFY_WITH_TIMEOUT(*silenced > 0, 120'000);
    }
    /// Of a model that takes long to quantize.
    void beginLoad() {
        const QString folder = m_home->filePath(u"large"_s);
        writeLlama(folder, {.vocab = 8192, .hidden = 2048, .intermediate = 5632, .layers = 16, .heads = 16, .sparse = true});
        QFile::remove(folder + u"/tokenizer.json"_s);
        for (const QString &file : {u"/tokenizer.json"_s, u"/tokenizer_config.json"_s})
            QVERIFY(QFile::copy(sample + file, folder + file));
        const qint64 id = add(folder, u"large"_s, u"Q4"_s);
        QVERIFY2(load(id).data()["status"_L1] == "loading"_L1, "the load does not begin");
        QTest::qWait(500);
        QCOMPARE(statusOf(id), u"loading"_s);
    }

private Q_SLOTS:
    void init() {
        m_home = std::make_unique<QTemporaryDir>();
        m_server = std::make_unique<ServedProgram>(m_home->path(), QStringList{u"--log-level"_s, u"warning"_s});
        m_server->useHub(m_hub.endpoint());
        m_url = m_server->start();
        QVERIFY(m_url.startsWith(u"http://"_s));
    }
    void cleanup() {
        m_server.reset();
        m_streams.clear();
        m_texts.clear();
        m_hub.clearFaults();
    }

    void ends_data() {
        QTest::addColumn<bool>("texts");
        QTest::addColumn<bool>("streams");
        QTest::addColumn<bool>("download");
        QTest::addColumn<bool>("load");
        QTest::newRow("texts") << true << false << false << false;
        QTest::newRow("streams that nobody reads") << false << true << false << false;
        QTest::newRow("a download that hangs") << false << false << true << false;
        QTest::newRow("a load") << false << false << false << true;
        QTest::newRow("all of it") << true << true << true << true;
    }
    void ends() {
        QFETCH(const bool, texts);
        QFETCH(const bool, streams);
        QFETCH(const bool, download);
        QFETCH(const bool, load);
        if (texts || streams) loadSample();
        if (download) beginDownload();
        if (streams) openStreams();
        if (texts) sendTexts();
        if (load) beginLoad();
        if (QTest::currentTestFailed()) return;

        QElapsedTimer clock;
        clock.start();
        QVERIFY(m_server->end());
        qInfo("ended after %lld ms: %s", clock.elapsed(), m_server->readAllStandardError().constData());
        qsizetype whole = 0;
        for (const auto &client : m_texts) {
            QVERIFY(client->state() == QProcess::NotRunning || client->waitForFinished(60'000));
            whole += client->readAllStandardOutput().contains("\"tokens\"");
        }
        QVERIFY2(whole < 30, "the texts were too short to tell");
        // What a download had fetched is gone.
        const QStringList left = QDir(m_home->filePath(u"data/models"_s)).entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
        if (download) QVERIFY2(left.filter(u"hangs"_s).isEmpty(), qPrintable(left.join(u' ')));
        // And what a load had quantized, unless it was whole.
        const QStringList half = QDir(m_home->filePath(u"data/models/quantized"_s))
                                     .entryList({u"*.partial"_s}, QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
        QVERIFY2(half.isEmpty(), qPrintable(half.join(u' ')));
    }
};

QTEST_GUILESS_MAIN(TestShutdown)
#include "test_shutdown.moc"
