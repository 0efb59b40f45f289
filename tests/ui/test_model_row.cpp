#include "tests/ui/samples.h"
#include "ui/model_row.h"

#include <QTest>

using namespace millm;
using S = ModelState;
using Tone = ModelRow::Tone;

/// What a card shows in each state, as a table.
class TestModelRow : public QObject {
    Q_OBJECT
    static ModelRow row(S state) {
        ModelRow row;
        row.model = samples::gemma2b();
        row.model.state = state;
        return row;
    }

private Q_SLOTS:
    void states_data() {
        QTest::addColumn<int>("state");
        QTest::addColumn<QString>("status");
        QTest::addColumn<int>("tone");
        QTest::addColumn<QString>("can");  // load, unload, cancel, retry, delete
        const auto row = [](S state, const char *status, Tone tone, const char *can) {
            QTest::addRow("%s %d", status, int(state))
                << int(state) << QString::fromLatin1(status) << int(tone) << QString::fromLatin1(can);
        };
        row(S::Queued, "Queued", Tone::Busy, "cancel");
        row(S::Downloading, "Downloading", Tone::Busy, "cancel");
        row(S::Ready, "Ready", Tone::Calm, "load delete");
        row(S::Loading, "Loading", Tone::Busy, "");
        row(S::Loaded, "Loaded", Tone::Good, "unload");
        row(S::Unloading, "Unloading", Tone::Busy, "");
        row(S::DownloadFailed, "Error", Tone::Bad, "retry delete");
        row(S::LoadFailed, "Error", Tone::Bad, "load delete");
    }
    void states() {
        QFETCH(int, state);
        QFETCH(QString, status);
        QFETCH(int, tone);
        QFETCH(QString, can);
        const ModelRow row = TestModelRow::row(S(state));
        QCOMPARE(row.status(), status);
        QCOMPARE(int(row.tone()), tone);
        QStringList allowed;
        if (row.canLoad()) allowed << QStringLiteral("load");
        if (row.canUnload()) allowed << QStringLiteral("unload");
        if (row.canCancel()) allowed << QStringLiteral("cancel");
        if (row.canRetry()) allowed << QStringLiteral("retry");
        if (row.canDelete()) allowed << QStringLiteral("delete");
        QCOMPARE(allowed.join(u' '), can);
        QCOMPARE(row.busy(), Tone(tone) == Tone::Busy);
    }
    void details() {
        ModelRow row = TestModelRow::row(S::Ready);
        QCOMPARE(row.details(), QStringLiteral("2.5B params • Q4 quantization • 1.8 GB memory"));
        // Whole MiB would round otherwise than the preview, and the line of the loaded model.
        row.model.estimate = MemoryUse{.weightBytes = 171'400'000};
        row.model.estimatedMemoryMb = 164;
        QCOMPARE(row.details(), QStringLiteral("2.5B params • Q4 quantization • 171 MB memory"));
        row.model.estimate = {};
        row.model.params.clear();
        row.model.estimatedMemoryMb = 0;
        QCOMPARE(row.details(), QStringLiteral("Q4 quantization"));
    }
    /// What somebody quantized before is told beside what it is here.
    void origin_data() {
        QTest::addColumn<QString>("quantized");  // quantization_config
        QTest::addColumn<QString>("told");
        QTest::newRow("no") << QString() << QString();
        QTest::newRow("gptq") << QStringLiteral(R"({"quant_method": "gptq", "bits": 4, "group_size": 128})")
                              << QStringLiteral("made from GPTQ • ");
        QTest::newRow("several forms")
            << QStringLiteral(R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0":
                   {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "group_size": 128, "strategy": "group"}}}})")
            << QStringLiteral("made from compressed-tensors (pack-quantized) • ");
        QTest::newRow("own form") << QStringLiteral(R"({"quant_method": "bitsandbytes", "load_in_4bit": true})") << QString();
    }
    void origin() {
        QFETCH(QString, quantized);
        QFETCH(QString, told);
        Model model = samples::gemma2b();
        model.configJson = samples::config(quantized);
        ModelRow row;
        row.take(model);
        QCOMPARE(row.details(),
                 QStringLiteral("2.5B params • Q4 quantization • %1").arg(told + QStringLiteral("1.8 GB memory")));
        model.state = ModelState::Ready;
        row.take(model);
        QVERIFY(row.details().contains(told));
        model.configJson.clear();
        row.take(model);
        QCOMPARE(row.details(), QStringLiteral("2.5B params • Q4 quantization • 1.8 GB memory"));
    }
    void location() {
        QCOMPARE(row(S::Ready).location(), QStringLiteral("google/gemma-2-2b"));
        ModelRow local;
        local.model = samples::local(1);
        QVERIFY(local.location().startsWith(u'/'));
        QVERIFY(local.diskText().isEmpty());
        local.model.keptBytes = 1'600'000'000;  // quantized of its folder: deleting frees that
        QCOMPARE(local.diskText(), QStringLiteral("1.6 GB"));
    }
    void phases() {
        ModelRow row = TestModelRow::row(S::Downloading);
        row.download = {3, DownloadPhase::Downloading, 42, 2'060'000'000, 4'900'000'000, 99.2, 229, 0};
        QCOMPARE(row.progress(), 42.0);
        QCOMPARE(row.activity(), QStringLiteral("Downloading…"));
        QCOMPARE(row.progressText(), QStringLiteral("42% • 2.1 of 4.9 GB • 12 MB/s • 3 min 49 s left"));
        row.download->phase = DownloadPhase::Verifying;
        QCOMPARE(row.status(), QStringLiteral("Verifying"));
        QCOMPARE(row.progressText(), QStringLiteral("42% • 2.1 of 4.9 GB"));
        row.download->phase = DownloadPhase::Quantizing;
        QCOMPARE(row.status(), QStringLiteral("Quantizing"));
        QCOMPARE(row.activity(), QStringLiteral("Quantizing…"));
        row.download->phase = DownloadPhase::Waiting;
        row.download->waitSeconds = 4;
        QVERIFY(row.activity().contains(QStringLiteral("4 s")));
    }
    void loadStages() {
        ModelRow row = TestModelRow::row(S::Loading);
        QCOMPARE(row.progress(), -1.0);
        row.load = LoadProgress{3, LoadStage::UnloadingPrevious, 0, 0};
        QCOMPARE(row.activity(), QStringLiteral("Unloading previous model…"));
        QCOMPARE(row.progress(), -1.0);
        row.load->pendingRequests = 2;
        QCOMPARE(row.activity(), QStringLiteral("Unloading previous model… Waiting for 2 pending requests to complete..."));
        row.load = LoadProgress{3, LoadStage::LoadingWeights, 63, 0};
        QCOMPARE(row.activity(), QStringLiteral("Loading weights…"));
        QCOMPARE(row.progress(), 63.0);
    }
    void unloading() {
        ModelRow row = TestModelRow::row(S::Unloading);
        row.pendingRequests = 3;
        QCOMPARE(row.activity(), QStringLiteral("Waiting for 3 pending requests to complete..."));
    }
    void memoryBesideEstimate() {
        QCOMPARE(row(S::Loaded).memoryText(), QStringLiteral("cuda:0 • 1.9 GB used, 1.8 GB estimated"));
        QVERIFY(row(S::Ready).memoryText().isEmpty());
    }
    void deleteHint() {
        QVERIFY(row(S::Loaded).deleteHint().contains(QStringLiteral("Unload")));
        QVERIFY(row(S::Ready).deleteHint().contains(QStringLiteral("gemma-2-2b")));
    }
    void takeDropsWhatIsPast() {
        ModelRow row = TestModelRow::row(S::Downloading);
        row.download = DownloadProgress{.modelId = 3};
        Model ready = row.model;
        ready.state = S::Ready;
        row.take(ready);
        QVERIFY(!row.download);
        QVERIFY(row.activity().isEmpty());
        QVERIFY(row.progressText().isEmpty());
    }
    void spokenHoldsAll() {
        const QString spoken = row(S::Loaded).spoken();
        for (const char *part : {"gemma-2-2b", "Loaded", "2.5B", "google/gemma-2-2b", "cuda:0"})
            QVERIFY2(spoken.contains(QLatin1StringView(part)), part);
    }
};

QTEST_MAIN(TestModelRow)
#include "test_model_row.moc"
