#include "app/services.h"
#include "core/base/errors.h"
#include "core/conversations/conversation_repository.h"
#include "tests/support/hub_emulator.h"
#include "tests/support/patience.h"
#include "tests/support/test_settings.h"
#include "tests/ui/recorded_program.h"
#include "ui/app.h"
#include "ui/service_link.h"

#include <QTemporaryDir>
#include <QTest>

using namespace millm;

/// The view models over real services in a thread of their own, with a Hub on this machine.
class TestServiceLink : public QObject {
    Q_OBJECT

    /// One run of the program.
    class Run {
    public:
        explicit Run(const Settings &settings) : services(settings) {
            Services &parts = services.parts();
            link = std::make_unique<ServiceLink>(parts.models, parts.search, parts.inference, parts.system, parts.requests);
            conversations = std::make_unique<ConversationRepository>(parts.database);
            app = std::make_unique<App>(*link, link->chat(), *conversations, server, program.parts(), AppOptions());
            link->feed(*app);
            services.start().then(app.get(), [this](const ServiceThread::Started &started) {
                if (started.error)
                    app->onStartFailed(*started.error);
                else
                    server.setServing(started.url);
            });
        }
        QString status(int row = 0) const { return app->models()->index(row).data(ModelList::StatusRole).toString(); }
        QStringList toasts() const {
            QStringList texts;
            for (int row = 0; row < app->toasts()->rowCount(); ++row) texts << app->toasts()->index(row).data().toString();
            return texts;
        }

        ServiceThread services;
        ServerState server;
        RecordedProgram program;
        std::unique_ptr<ServiceLink> link;
        std::unique_ptr<ConversationRepository> conversations;
        std::unique_ptr<App> app;
    };

    testing::HubEmulator m_hub;
    QTemporaryDir m_folder;

    Settings settings() const { return testing::settingsIn(m_folder.path(), m_hub.endpoint()); }

private Q_SLOTS:
    void initTestCase() { m_hub.addRepository(QStringLiteral("millm/sample-llama"), QStringLiteral(MILLM_SAMPLE_MODEL)); }

    void downloadsAndDeletes() {
        Run run(settings());
        QCOMPARE(run.app->models()->face(), ModelList::Face::Loading);
        QTRY_COMPARE_WITH_TIMEOUT(run.app->models()->face(), ModelList::Face::Empty, 20000);
        DownloadForm &form = *run.app->downloadForm();
        form.setRepository(m_hub.endpoint().toString() + QStringLiteral("/millm/sample-llama"));
        if (!form.valid()) form.setRepository(QStringLiteral("millm/sample-llama"));
        form.askPreview();
        QTRY_VERIFY_WITH_TIMEOUT(!form.busy(), 20000);
        QVERIFY2(form.error().isEmpty() && form.repositoryError().isEmpty(), qPrintable(form.error() + form.repositoryError()));
        QVERIFY(form.schemes()->sized());
        QVERIFY(!form.schemes()->need(0).isEmpty());
        QVERIFY(form.preview()->supported());
        form.download();
        QTRY_COMPARE_WITH_TIMEOUT(run.app->models()->count(), 1, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(run.status(), QStringLiteral("Ready"), 60000);
        QTRY_VERIFY(run.toasts().contains(QStringLiteral("sample-llama is downloaded and ready to load")));
        QTRY_VERIFY(!run.app->models()->cacheText().isEmpty() &&
                    run.app->models()->cacheText() != QStringLiteral("0 bytes on disk"));
    }
    void nextRunShowsWhatIsThere() {
        Run run(settings());
        QTRY_COMPARE_WITH_TIMEOUT(run.app->models()->count(), 1, 20000);
        QCOMPARE(run.status(), QStringLiteral("Ready"));
        DownloadForm &form = *run.app->downloadForm();
        form.setRepository(QStringLiteral("millm/sample-llama"));
        form.download();
        QTRY_VERIFY_WITH_TIMEOUT(!form.busy(), 20000);
        QVERIFY(!form.repositoryError().isEmpty());  // it exists already
        form.setRepository(QStringLiteral("millm/nothing-there"));
        form.download();
        QTRY_VERIFY_WITH_TIMEOUT(!form.busy(), 20000);
        QCOMPARE(form.repositoryError(), errors::repoNotFound(QStringLiteral("millm/nothing-there")).message);

        const qint64 id = run.app->models()->index(0).data(ModelList::ModelIdRole).toLongLong();
        run.app->models()->remove(id);
        QTRY_COMPARE_WITH_TIMEOUT(run.app->models()->face(), ModelList::Face::Empty, 20000);
        QTRY_VERIFY(run.toasts().contains(QStringLiteral("sample-llama deleted")));
    }
    void searchesTheHub() {
        Run run(settings());
        HubSearch &search = *run.app->downloadForm()->search();
        search.ask(QStringLiteral("sample"), {});
        QTRY_COMPARE_WITH_TIMEOUT(search.rowCount(), 1, 20000);
        QCOMPARE(search.repoId(0), QStringLiteral("millm/sample-llama"));
        QCOMPARE(search.index(0).data(HubSearch::FitTextRole).toString(), QStringLiteral("Fits"));
        search.ask(QStringLiteral("nobody has this"), {});
        QTRY_COMPARE_WITH_TIMEOUT(search.face(), HubSearch::Face::Nothing, 20000);
    }
    void loadsAndChats() {
        if (!QFile::exists(QStringLiteral(MILLM_ENGINE_DIR "/libmillm_engine_cpu.so"))) QSKIP("the engine is not built");
        Run run(settings());
        App &app = *run.app;
        QTRY_COMPARE_WITH_TIMEOUT(app.models()->face(), ModelList::Face::Empty, 20000);
        app.localForm()->setPath(QStringLiteral(MILLM_SAMPLE_MODEL));
        app.localForm()->setScheme(2);
        app.localForm()->add();
        QTRY_COMPARE_WITH_TIMEOUT(app.models()->count(), 1, 20000);
        const qint64 id = app.models()->index(0).data(ModelList::ModelIdRole).toLongLong();
        app.loadForm()->load(id);
        QTRY_COMPARE_WITH_TIMEOUT(run.status(), QStringLiteral("Loaded"), 60000);
        QVERIFY(!app.models()->index(0).data(ModelList::MemoryTextRole).toString().isEmpty());
        QTRY_VERIFY(app.chat()->ready());
        const auto last = [transcript = app.chat()->transcript()](int role) {
            return transcript->index(transcript->rowCount() - 1).data(role).toString();
        };
        app.chat()->options()->setMaxTokens(8);
        QVERIFY(app.chat()->send(QStringLiteral("Once upon a time")));
        QTRY_VERIFY_WITH_TIMEOUT(!app.chat()->busy(), 60000);
        QVERIFY2(last(ChatTranscript::FailureRole).isEmpty(), qPrintable(last(ChatTranscript::FailureRole)));
        QVERIFY(!last(ChatTranscript::NoteRole).isEmpty());
        // Stopping ends a long one.
        app.chat()->options()->setMaxTokens(4000);
        QVERIFY(app.chat()->send(QStringLiteral("And then")));
        QTRY_VERIFY(!app.chat()->busy() || !last(ChatTranscript::TextRole).isEmpty());
        app.chat()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!app.chat()->busy(), 20000);
        // Both stand among the requests, and who looks at these can stop one as well.
        RequestJournal &requests = run.services.parts().requests;
        QVERIFY(app.chat()->send(QStringLiteral("And then")));
        QTRY_COMPARE(requests.snapshot().underWay.size(), 1);
        const RequestRecord going = requests.snapshot().underWay.first();
        QVERIFY(going.ofWindow);
        requests.stop(going.id);
        QTRY_VERIFY_WITH_TIMEOUT(!app.chat()->busy(), 20000);
        const QList<RequestRecord> ended = requests.snapshot().ended;
        QCOMPARE(ended.size(), 3);
        QCOMPARE(ended.last().status, 200);
        QCOMPARE(ended.last().tokens, 8);
        QCOMPARE(ended.last().model, app.models()->loadedName());
        QCOMPARE(ended[0].status, 0);
        app.models()->unload(id);
        QTRY_COMPARE_WITH_TIMEOUT(run.status(), QStringLiteral("Ready"), 60000);
        QTRY_VERIFY(!app.chat()->ready());
    }
};

QTEST_MAIN(TestServiceLink)
#include "test_service_link.moc"
