#include "tests/support/patience.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/download_form.h"
#include "ui/toast_list.h"

#include <QSignalSpy>
#include <QTest>

using namespace millm;

class TestDownloadForm : public QObject {
    Q_OBJECT

    struct Parts {
        RecordedActions actions;
        ToastList toasts;
        DownloadForm form{
            actions,
            toasts,
            {.hubEndpoint = QUrl(QStringLiteral("https://hub.example")), .sampleRepo = QStringLiteral("millm/sample-llama")}};
        void type(const char *text) { form.setRepository(QString::fromLatin1(text)); }
    };

private Q_SLOTS:
    void validatesAsTyped() {
        Parts p;
        QVERIFY(!p.form.valid());
        QVERIFY(p.form.repositoryError().isEmpty());
        p.type("google gemma");
        QVERIFY(!p.form.valid());
        QVERIFY(!p.form.repositoryError().isEmpty());
        p.type(" google/gemma-2-2b ");
        QVERIFY(p.form.valid());
        QVERIFY(p.form.repositoryError().isEmpty());
        QCOMPARE(p.form.repoId(), QStringLiteral("google/gemma-2-2b"));
        QCOMPARE(p.form.pageUrl(), QUrl(QStringLiteral("https://hub.example/google/gemma-2-2b")));
    }
    void takesAPastedAddress() {
        Parts p;
        p.type("https://huggingface.co/google/gemma-2-2b/tree/main");
        QCOMPARE(p.form.repoId(), QStringLiteral("google/gemma-2-2b"));
    }
    void invalidAsksNothing() {
        Parts p;
        p.type("nonsense here");
        p.form.download();
        p.form.askPreview();
        QVERIFY(p.actions.calls.isEmpty());
        QVERIFY(!p.form.busy());
    }
    void previewSizesTheSchemes() {
        Parts p;
        QSignalSpy ready(&p.form, &DownloadForm::previewReady);
        p.type("google/gemma-2-2b");
        p.form.askPreview();
        QVERIFY(p.form.previewing());
        p.form.download();  // one question at a time
        QCOMPARE(p.actions.calls.size(), 1);
        p.actions.previews[0].answer(samples::preview());
        QTRY_COMPARE(ready.size(), 1);
        QVERIFY(!p.form.busy());
        QVERIFY(p.form.schemes()->sized());
        QCOMPARE(p.form.preview()->contextText(), QStringLiteral("8,192 tokens"));
        p.type("google/gemma-2-9b");
        QVERIFY(!p.form.schemes()->sized());
    }
    void previewTellsWhatIsPacked() {
        Parts p;
        const auto told = [&](const char *form) {
            ModelPreview seen = samples::preview();
            seen.quantizedForm = QString::fromLatin1(form);
            p.type("google/gemma-2-2b");
            p.form.askPreview();
            p.actions.previews.last().answer(seen);
            [&] { QTRY_VERIFY(!p.form.busy()); }();
            return p.form.preview()->packed();
        };
        QCOMPARE(told(""), QString());
        QVERIFY(told("modelopt, NVFP4").contains(QStringLiteral("ModelOpt (NVFP4) already. Its values are restored")));
        QVERIFY(told("mxfp4").contains(QStringLiteral("MXFP4 already")));
        QVERIFY(told("bitsandbytes").contains(QStringLiteral("kept as they are")));
    }
    void lateAnswerOfAnotherRepositoryIsDropped() {
        Parts p;
        QSignalSpy ready(&p.form, &DownloadForm::previewReady);
        p.type("google/gemma-2-2b");
        p.form.askPreview();
        p.type("meta-llama/Llama-3.2-3B");
        p.actions.previews[0].answer(samples::preview());
        QTRY_VERIFY(!p.form.busy());
        QCOMPARE(ready.size(), 0);
        QVERIFY(!p.form.schemes()->sized());
    }
    void downloadSendsWhatIsChosen() {
        Parts p;
        QSignalSpy started(&p.form, &DownloadForm::started);
        p.type("google/gemma-2-2b");
        p.form.setScheme(1);
        p.form.setToken(QStringLiteral(" hf_secret "));
        p.form.setTrust(true);
        p.form.download();
        QVERIFY(p.form.downloading());
        QCOMPARE(p.actions.lastDownload.repoId, QStringLiteral("google/gemma-2-2b"));
        QCOMPARE(p.actions.lastDownload.quantization, engine::Scheme::Int8);
        QCOMPARE(p.actions.lastDownload.token, QStringLiteral("hf_secret"));
        QVERIFY(p.actions.lastDownload.trustRemoteCode);
        p.actions.models[0].answer(samples::gemma2b());
        QTRY_COMPARE(started.size(), 1);
        QVERIFY(p.form.repository().isEmpty());
        QVERIFY(!p.form.trust());
        QCOMPARE(p.form.token(), QStringLiteral(" hf_secret "));  // kept for the session
    }
    void refusals_data() {
        QTest::addColumn<Error>("error");
        QTest::addColumn<QString>("field");
        QTest::newRow("not found") << errors::repoNotFound(QStringLiteral("a/b")) << QStringLiteral("repository");
        QTest::newRow("exists") << errors::modelAlreadyExists(QStringLiteral("a/b"), QStringLiteral("Q4"), 3)
                                << QStringLiteral("repository");
        QTest::newRow("gated") << errors::gatedNoToken(QStringLiteral("a/b")) << QStringLiteral("token");
        QTest::newRow("token") << errors::invalidToken(QStringLiteral("a/b"), QStringLiteral("expired"))
                               << QStringLiteral("token");
        QTest::newRow("code") << errors::remoteCodeRequired(QStringLiteral("it ships code")) << QStringLiteral("trust");
        QTest::newRow("disk") << errors::insufficientDisk(5'000'000'000, 1'000'000'000) << QStringLiteral("other");
        QTest::newRow("network") << errors::networkFailed() << QStringLiteral("other");
    }
    void refusals() {
        QFETCH(Error, error);
        QFETCH(QString, field);
        Parts p;
        QSignalSpy wanted(&p.form, &DownloadForm::tokenWanted);
        p.type("a/b");
        p.form.download();
        p.actions.models[0].answer(error);
        QTRY_VERIFY(!p.form.busy());
        QCOMPARE(p.form.repositoryError(), field == QStringLiteral("repository") ? error.message : QString());
        QCOMPARE(p.form.tokenError(), field == QStringLiteral("token") ? error.message : QString());
        QCOMPARE(p.form.trustError(), field == QStringLiteral("trust") ? error.message : QString());
        QCOMPARE(p.form.error(), field == QStringLiteral("other") ? error.message : QString());
        QCOMPARE(wanted.size(), field == QStringLiteral("token") ? 1 : 0);
        QCOMPARE(p.form.repository(), QStringLiteral("a/b"));  // nothing typed is lost
    }
    void tokenGoesOnWithWhatWasAsked() {
        Parts p;
        p.type("a/b");
        p.form.askPreview();
        p.actions.previews[0].answer(errors::gatedNoToken(QStringLiteral("a/b")));
        QTRY_VERIFY(!p.form.busy());
        p.form.goOnWithToken(QStringLiteral("hf_new"));
        QCOMPARE(p.actions.calls.last(), QStringLiteral("preview a/b"));
        QCOMPARE(p.actions.lastToken, QStringLiteral("hf_new"));
        QVERIFY(p.form.tokenError().isEmpty());
    }
    void sampleFillsTheForm() {
        Parts p;
        p.form.fillSample();
        QVERIFY(p.form.valid());
        QCOMPARE(p.form.repoId(), QStringLiteral("millm/sample-llama"));
    }
};

QTEST_MAIN(TestDownloadForm)
#include "test_download_form.moc"
