#include "tests/support/patience.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/local_form.h"
#include "ui/toast_list.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

class TestLocalForm : public QObject {
    Q_OBJECT

    RecordedActions m_actions;
    ToastList m_toasts;

private Q_SLOTS:
    void validatesThePath() {
        LocalForm form(m_actions, m_toasts);
        QTemporaryDir folder;
        QVERIFY(!form.valid());
        QVERIFY(form.pathError().isEmpty());
        for (const QString &bad : {QStringLiteral("relative/folder"), QStringLiteral("/no/such/folder"), folder.path()}) {
            form.setPath(bad);
            QVERIFY(!form.valid());
            QCOMPARE(form.pathError(), errors::invalidLocalPath(bad).message);
        }
        QFile config(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        form.choose(QUrl::fromLocalFile(QString()));
        form.choose(QUrl::fromLocalFile(folder.path()));
        QVERIFY(form.valid());
        QVERIFY(form.pathError().isEmpty());
    }
    /// A folder that is quantized already says so before it is added.
    void tellsWhatIsPacked() {
        LocalForm form(m_actions, m_toasts);
        QTemporaryDir folder;
        const auto write = [&](const QString &text) {
            QFile config(folder.filePath(QStringLiteral("config.json")));
            QVERIFY(config.open(QIODevice::WriteOnly));
            config.write(text.toUtf8());
            config.close();
            form.setPath({});
            form.setPath(folder.path());
            QVERIFY(form.valid());
        };
        write(samples::config({}));
        QCOMPARE(form.packed(), QString());
        write(samples::config(QStringLiteral(R"({"quant_method": "awq", "bits": 4, "group_size": 128})")));
        QVERIFY2(form.packed().contains(QStringLiteral("with AWQ already")), qPrintable(form.packed()));
        form.setPath(QStringLiteral("/no/such/folder"));
        QCOMPARE(form.packed(), QString());
        for (const QString &broken : {QStringLiteral("{\"quantization_config\": 7"), QString(20, u'['), QString()}) {
            write(broken);
            QCOMPARE(form.packed(), QString());
        }
    }
    /// Browsing begins where somebody's files are, not where the program was started.
    void browsesFromWhereFilesAre() {
        LocalForm form(m_actions, m_toasts);
        QCOMPARE(form.startFolder(), QUrl::fromLocalFile(QDir::homePath()));
        QTemporaryDir folder;
        form.setPath(folder.path() + QStringLiteral("/not/there"));
        QCOMPARE(form.startFolder(), QUrl::fromLocalFile(folder.path()));
        form.setPath(QStringLiteral("relative"));
        QCOMPARE(form.startFolder(), QUrl::fromLocalFile(QDir::homePath()));
        form.setPath(QStringLiteral("/"));
        QCOMPARE(form.startFolder(), QUrl::fromLocalFile(QStringLiteral("/")));
    }
    void takesWhatIsDropped() {
        LocalForm form(m_actions, m_toasts);
        QTemporaryDir folder;
        QFile config(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        QVERIFY(!form.take(QUrl(QStringLiteral("https://huggingface.co/a/b"))));
        QVERIFY(!form.take(QUrl::fromLocalFile(QStringLiteral("/no/such/folder"))));
        QVERIFY(form.path().isEmpty());
        QVERIFY(form.take(QUrl::fromLocalFile(folder.path())));
        QCOMPARE(form.path(), folder.path());
        form.setPath({});
        QVERIFY(form.take(QUrl::fromLocalFile(config.fileName())));
        QCOMPARE(form.path(), folder.path());
        QVERIFY(form.valid());
    }
    void addsAndSaysWhy() {
        LocalForm form(m_actions, m_toasts);
        QTemporaryDir folder;
        QFile config(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        QSignalSpy added(&form, &LocalForm::added);
        form.setPath(folder.path() + u'/');
        form.setScheme(1);
        form.add();
        QVERIFY(form.busy());
        form.add();  // once is enough
        QCOMPARE(m_actions.models.size(), 1);
        QCOMPARE(m_actions.lastLocal.path, folder.path());
        QCOMPARE(m_actions.lastLocal.quantization, engine::Scheme::Int8);
        m_actions.models[0].answer(errors::localAlreadyExists(folder.path(), 4));
        QTRY_VERIFY(!form.busy());
        QCOMPARE(form.pathError(), errors::localAlreadyExists(folder.path(), 4).message);
        QCOMPARE(added.size(), 0);
        form.add();
        m_actions.models[1].answer(samples::local(5));
        QTRY_COMPARE(added.size(), 1);
        QVERIFY(form.path().isEmpty());
        QCOMPARE(m_toasts.index(0).data().toString(), QStringLiteral("my-finetune added"));
    }
};

QTEST_MAIN(TestLocalForm)
#include "test_local_form.moc"
