#include "tests/support/patience.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/model_list.h"
#include "ui/server_state.h"
#include "ui/toast_list.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

using namespace millm;

/// What the desktop was asked to open.
class Opened : public QObject {
    Q_OBJECT
public:
    QList<QUrl> urls;
public Q_SLOTS:
    void open(const QUrl &url) { urls << url; }
};

class TestModelList : public QObject {
    Q_OBJECT

    struct Parts {
        RecordedActions actions;
        ServerState server;
        ToastList toasts;
        ModelList list{actions, server, toasts};
        QAbstractItemModelTester tester{&list, QAbstractItemModelTester::FailureReportingMode::Fatal};
        QString toast() const { return toasts.index(toasts.rowCount() - 1).data().toString(); }
    };

private Q_SLOTS:
    void facesAndCount() {
        Parts p;
        QCOMPARE(p.list.face(), ModelList::Face::Loading);
        QSignalSpy counted(&p.list, &ModelList::countChanged);
        p.list.setModels({});
        QCOMPARE(p.list.face(), ModelList::Face::Empty);
        p.list.upsert(samples::llama());
        QCOMPARE(p.list.face(), ModelList::Face::Content);
        QCOMPARE(counted.size(), 2);
        p.list.drop(1);
        QCOMPARE(p.list.face(), ModelList::Face::Empty);
        p.list.setFailure(QStringLiteral("disk I/O error"));
        QCOMPARE(p.list.face(), ModelList::Face::Error);
        QCOMPARE(p.list.failure(), QStringLiteral("disk I/O error"));
    }
    void sortedById() {
        Parts p;
        p.list.setModels({samples::gemma2b(), samples::llama()});
        p.list.upsert(samples::gemma9b());
        for (int row = 0; row < 3; ++row) QCOMPARE(p.list.index(row).data(ModelList::ModelIdRole).toLongLong(), row + 1);
    }
    void factBeforeSnapshot() {
        Parts p;
        p.list.upsert(samples::llama());
        QCOMPARE(p.list.count(), 1);
        p.list.setModels({samples::llama(), samples::gemma9b()});
        QCOMPARE(p.list.count(), 2);
    }
    void updateChangesOneRow() {
        Parts p;
        p.list.setModels(samples::mockup());
        QSignalSpy changed(&p.list, &QAbstractItemModel::dataChanged);
        Model model = samples::gemma9b();
        model.state = ModelState::Loading;
        p.list.upsert(model);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toModelIndex().row(), 1);
        QCOMPARE(p.list.index(1).data(ModelList::StatusRole).toString(), QStringLiteral("Loading"));
        p.list.setLoadProgress({.modelId = 2, .stage = LoadStage::LoadingWeights, .progress = 50});
        QCOMPARE(p.list.index(1).data(ModelList::ProgressRole).toDouble(), 50.0);
    }
    void lateProgressIsIgnored() {
        Parts p;
        p.list.setModels(samples::mockup());
        QSignalSpy changed(&p.list, &QAbstractItemModel::dataChanged);
        p.list.setDownloadProgress({.modelId = 2, .phase = DownloadPhase::Downloading, .progress = 50});
        p.list.setDownloadProgress({.modelId = 99});
        p.list.setLoadProgress({.modelId = 2});
        p.list.setUnloadProgress(2, 3);
        QCOMPARE(changed.size(), 0);
        QCOMPARE(p.list.index(1).data(ModelList::BusyRole).toBool(), false);
    }
    void loadedName() {
        Parts p;
        p.list.setModels({samples::llama()});
        QVERIFY(p.list.loadedName().isEmpty());
        p.list.upsert(samples::gemma2b());
        QCOMPARE(p.list.loadedName(), QStringLiteral("gemma-2-2b"));
    }
    void refusalsBecomeToasts() {
        Parts p;
        p.list.setModels(samples::mockup());
        p.list.unload(3);
        QCOMPARE(p.actions.calls, QStringList{QStringLiteral("unload 3")});
        p.actions.models[0].answer(errors::notLoaded(3));
        QTRY_COMPARE(p.toast(), QStringLiteral("gemma-2-2b: ") + errors::notLoaded(3).message);
        p.list.cancel(2);
        p.list.retry(2);
        QCOMPARE(p.actions.calls.size(), 3);
    }
    void renames() {
        Parts p;
        p.list.setModels(samples::mockup());
        QSignalSpy renamed(&p.list, &ModelList::renamed), refused(&p.list, &ModelList::renameRefused);
        p.list.rename(2, QStringLiteral(" new "));
        QCOMPARE(p.actions.calls, QStringList{QStringLiteral("rename 2 new")});
        p.actions.models[0].answer(errors::invalidRequest(QStringLiteral("name"), QStringLiteral("Taken.")));
        QTRY_COMPARE(refused.size(), 1);
        QCOMPARE(refused.first().first().toString(), QStringLiteral("Taken."));
        p.list.rename(2, QStringLiteral("newer"));
        p.actions.models[1].answer(samples::gemma9b());
        QTRY_COMPARE(renamed.size(), 1);
    }
    void whatCanBeDone() {
        Parts p;
        p.list.setHubEndpoint(QUrl(QStringLiteral("https://hub.example/mirror")));
        Model first = samples::gemma9b(), second = samples::llama();
        first.state = second.state = ModelState::Queued;
        first.queuePlace = 1;
        second.queuePlace = 2;
        p.list.setModels({first, second, samples::gemma2b(), samples::local(4)});
        const auto can = [&](qint64 id, const char *what) {
            return p.list.deeds(id).value(QString::fromLatin1(what)).toBool();
        };
        QVERIFY(!can(first.id, "up") && can(first.id, "down") && can(second.id, "up") && !can(second.id, "down"));
        QVERIFY(!can(first.id, "folder") && can(3, "folder") && can(4, "folder"));
        QVERIFY(can(3, "page") && !can(4, "page"));
        QVERIFY(!can(3, "rename") && can(4, "rename") && can(first.id, "rename"));  // a loaded one keeps its name
        QVERIFY(p.list.deeds(77).isEmpty());

        // Of files as they are the other quantizations, as far as they are not there; of quantized ones none.
        const auto made = [&](qint64 id) { return p.list.deeds(id).value(QStringLiteral("quantize")).toList(); };
        second.state = ModelState::Ready;
        p.list.upsert(second);
        QCOMPARE(made(second.id), (QVariantList{0, 1}));
        Model four = second;
        four.id = 9;
        four.quantization = engine::Scheme::NF4;
        p.list.upsert(four);
        QCOMPARE(made(second.id), (QVariantList{1}));
        QCOMPARE(made(9), QVariantList());
        QCOMPARE(made(4), (QVariantList{0, 1}));  // a folder's, whatever a load makes of them
        p.list.quantize(second.id, 1);
        QCOMPARE(p.actions.calls.last(), QStringLiteral("quantize %1 as %2").arg(second.id).arg(int(engine::Scheme::Int8)));
        Model kept = samples::local(4);
        kept.id = 10;
        kept.kept = true;
        kept.quantization = engine::Scheme::Int8;
        p.list.upsert(kept);
        QCOMPARE(made(4), (QVariantList{0}));
        QCOMPARE(made(10), QVariantList());
        p.list.moveInQueue(first.id, 1);
        QCOMPARE(p.actions.calls.last(), QStringLiteral("move 2 1"));

        p.list.copyName(3);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("gemma-2-2b"));
        p.list.copyLocation(3);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("google/gemma-2-2b"));
        p.list.copyLocation(4);
        QCOMPARE(QGuiApplication::clipboard()->text(), samples::local(4).localPath);

        Opened opened;
        QDesktopServices::setUrlHandler(QStringLiteral("https"), &opened, "open");
        QDesktopServices::setUrlHandler(QStringLiteral("file"), &opened, "open");
        p.list.openPage(3);
        p.list.openFolder(4);
        QDesktopServices::unsetUrlHandler(QStringLiteral("https"));
        QDesktopServices::unsetUrlHandler(QStringLiteral("file"));
        QCOMPARE(opened.urls, (QList<QUrl>{QUrl(QStringLiteral("https://hub.example/mirror/google/gemma-2-2b")),
                                           QUrl::fromLocalFile(samples::local(4).localPath)}));
    }
    void removeSaysWhatIsGone() {
        Parts p;
        p.list.setModels(samples::mockup());
        p.list.remove(2);
        p.list.remove(77);  // gone already
        QCOMPARE(p.actions.calls, QStringList{QStringLiteral("remove 2")});
        p.actions.voids[0].answer({});
        QTRY_COMPARE(p.toast(), QStringLiteral("gemma-2-9b deleted"));
    }
    void copiesEndpoint() {
        Parts p;
        p.list.setModels(samples::mockup());
        p.list.copyEndpoint(3);
        QVERIFY(p.toast().contains(QStringLiteral("does not run")));
        p.server.setServing(QUrl(QStringLiteral("http://127.0.0.1:8000/")));
        p.list.copyEndpoint(3);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("http://127.0.0.1:8000/v1"));
    }
    /// The curl line means to a shell what it says.
    void curlLineSurvivesTheShell() {
        Parts p;
        Model model = samples::gemma2b();
        model.name = QStringLiteral("ada's $model");
        p.list.setModels({model});
        p.server.setServing(QUrl(QStringLiteral("http://127.0.0.1:8000")), true);
        QString line = p.list.curlLine(3);
        QVERIFY(line.startsWith(QStringLiteral("curl http://127.0.0.1:8000/v1/chat/completions ")));
        QVERIFY(line.contains(QStringLiteral("Bearer $MILLM_API_KEY")));
        line.replace(0, 4, QStringLiteral("printf '%s\\n'"));
        QProcess shell;
        shell.start(QStringLiteral("sh"), {QStringLiteral("-c"), line});
        QVERIFY(shell.waitForFinished());
        const QByteArray body = shell.readAllStandardOutput().trimmed().split('\n').last();
        const QJsonObject request = QJsonDocument::fromJson(body).object();
        QCOMPARE(request[QLatin1StringView("model")].toString(), model.name);
        QCOMPARE(request[QLatin1StringView("messages")].toArray().size(), 1);
        p.list.setModelUse(ModelUse::Completion);
        QVERIFY(p.list.curlLine(3).contains(QStringLiteral("/v1/completions ")));
        p.list.setModelUse(ModelUse::Embeddings);
        QVERIFY(p.list.curlLine(3).contains(QStringLiteral("/v1/embeddings ")));
        QVERIFY(p.list.curlLine(3).contains(QStringLiteral("\"input\"")));
    }
    void cacheText() {
        Parts p;
        QVERIFY(p.list.cacheText().isEmpty());
        p.list.setCacheBytes(12'400'000'000);
        QCOMPARE(p.list.cacheText(), QStringLiteral("12.4 GB on disk"));
    }
    void everyRoleAnswers() {
        Parts p;
        p.list.setModels({samples::gemma2b()});
        const auto names = p.list.roleNames();
        for (auto role = names.begin(); role != names.end(); ++role)
            QVERIFY2(p.list.index(0).data(role.key()).isValid(), role.value());
    }
};

QTEST_MAIN(TestModelList)
#include "test_model_list.moc"
