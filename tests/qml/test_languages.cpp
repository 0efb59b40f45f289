#include "tests/qml/faces.h"
#include "tests/qml/faults.h"
#include "tests/support/patience.h"
#include "ui/translations.h"

#include <QtQuickTest/quicktest.h>
#include <QAccessible>
#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <optional>

using namespace millm;

namespace {

/// A language that says «what the program says», longer: what does not stand between its marks was never asked for.
class LongWords : public QTranslator {
public:
    QString translate(const char *, const char *sourceText, const char *, int) const override {
        const QString text = QString::fromUtf8(sourceText);
        QString more;
        const qsizetype wanted = (text.size() * 4 + 9) / 10;
        while (more.size() < wanted) more += more.size() % 8 == 7 ? u' ' : u'~';
        return u'«' + text + more + u'»';
    }
    bool isEmpty() const override { return false; }
};

/// What stands outside of the marks.
QString outside(const QString &text) {
    QString rest;
    int depth = 0;
    for (const QChar letter : text) {
        if (letter == u'«') ++depth;
        if (depth == 0) rest += letter;
        if (letter == u'»') --depth;
    }
    return rest;
}

}  // namespace

/// The window in languages other than its sources'.
class TestLanguages : public QObject {
    Q_OBJECT

    /// What a text has of its own words, once names, numbers and what models, clients and the services say are taken away.
    static QString untranslated(const QString &text) {
        static const QRegularExpression markup(QStringLiteral("<[^>]*>"));
        static const QRegularExpression words(QStringLiteral("\\p{L}{2,}"));
        QString rest = outside(text).remove(markup);
        rest.remove(facts());
        return words.match(rest).hasMatch() ? rest.simplified() : QString();
    }
    static const QRegularExpression &facts();

    /// Digits that are not the locale's, where it has its own. Those of names and addresses, and of sentences that a
    /// translation words, are left out.
    static QString latinDigits(const QString &text) {
        static const QRegularExpression markup(QStringLiteral("<[^>]*>")), digits(QStringLiteral("[0-9]"));
        static const QRegularExpression names(QStringLiteral(
            "https?://\\S+|[\\w.-]+/[\\w./-]+|[\\p{L}_]+[-.:+]?\\d[\\w.-]*|127\\.0\\.0\\.1|[Pp]ort \\d+|^80000?$|"
            "GPU \\d|RTX 4090|\\d+-bit|16 bits|from 1 to 65535|0 (keeps|takes|is)|9120 tokens, the model takes at most 8192"));
        QString rest = text;
        rest.remove(markup).remove(names);
        return digits.match(rest).hasMatch() ? rest.simplified() : QString();
    }

    template <class Fault>
    static QStringList faulty(const Scene &scene, Fault faultOf, bool typed = false) {
        QStringList found;
        const auto look = [&](const QString &text, const QString &where) {
            const QString rest = faultOf(text);
            if (!rest.isEmpty()) found << QStringLiteral("%1: \"%2\" of \"%3\"").arg(where, rest, text.left(120));
        };
        for (QQuickItem *item : scene.visible([](QQuickItem *) { return true; })) {
            const QString where = QString::fromLatin1(item->metaObject()->className()) + u' ' + item->objectName();
            if (where.startsWith(u"ReadText") || where.startsWith(u"ChatRow")) continue;  // what was said in the chat
            if (item->inherits("QQuickText")) look(item->property("text").toString(), where);
            if (typed && item->inherits("QQuickTextInput")) look(item->property("text").toString(), where);
            look(item->property("placeholderText").toString(), where);
            const QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(item);
            if (!interface) continue;
            look(interface->text(QAccessible::Name), where + QStringLiteral(" name"));
            look(interface->text(QAccessible::Description), where + QStringLiteral(" description"));
        }
        found.removeDuplicates();
        return found;
    }
    static QStringList foreign(const Scene &scene) { return faulty(scene, untranslated); }
    static void everyFace(const QList<QByteArrayView> &but = {}) {
        QTest::addColumn<int>("face");
        for (int face = 0; face < faces().size(); ++face) {
            const QByteArray name = faces()[face].name.toUtf8();
            if (!but.contains(name)) QTest::addRow("%s", name.constData()) << face;
        }
    }
    static void nothingIsCut(int face) {
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        faces()[face].arrange(scene);
        for (const QSize size : {QSize(1280, 800), QSize(390, 844)}) {
            scene.window->resize(size);
            QTRY_COMPARE(scene.window->contentItem()->width(), qreal(size.width()));
            QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
            QTRY_VERIFY2_WITH_TIMEOUT(cutTexts(scene).isEmpty(),
                                      qPrintable(QStringLiteral("at %1:\n").arg(size.width()) + cutTexts(scene).join(u'\n')),
                                      20000);
        }
    }

private Q_SLOTS:
    void initTestCase() { QAccessible::setActive(true); }

    void everyTextIsAskedFor_data() { everyFace(); }
    void everyTextIsAskedFor() {
        QFETCH(int, face);
        LongWords language;
        QCoreApplication::installTranslator(&language);
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        faces()[face].arrange(scene);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        (void)QTest::qWaitFor([&] { return foreign(scene).isEmpty(); }, 5000);
        const QStringList found = foreign(scene);
        for (const QString &line : found) qWarning().noquote() << line;  // one each: QTest cuts long messages
        QVERIFY(found.isEmpty());
    }
    /// Where a locale has digits of its own, numbers are written with them, also those that people type.
    void digitsOfTheLocale_data() { everyFace(); }
    void digitsOfTheLocale() {
        QFETCH(int, face);
        const Translations arabic(QLocale(QStringLiteral("ar_EG")));
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        faces()[face].arrange(scene);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        const QStringList found = faulty(scene, latinDigits, true);
        for (const QString &line : found) qWarning().noquote() << line;
        QVERIFY(found.isEmpty());
    }
    void digitsOfTheKeyboard() {
        const Translations arabic(QLocale(QStringLiteral("ar_EG")));
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        const QList<Face> all = faces();
        std::ranges::find(all, QStringLiteral("chat-options"), &Face::name)->arrange(scene);
        const auto field = [&](const char *name) { return scene.one(QString::fromLatin1(name)); };
        QTRY_VERIFY(field("temperature-input"));
        const auto enter = [&](const char *name, const char *text) {
            QQuickItem *item = field(name);
            item->forceActiveFocus(Qt::TabFocusReason);
            item->setProperty("text", QString::fromUtf8(text));
            QTest::keyClick(scene.window, Qt::Key_Return);
            return item->property("text").toString();
        };
        const ChatOptions &options = *scene.app.chat()->options();
        for (const char *typed : {"0.5", "0,5", "٠٫٥", "۰٫۵"}) {
            enter("temperature-input", "١");
            QCOMPARE(options.temperature(), 1.0);
            QCOMPARE(enter("temperature-input", typed), QStringLiteral("٠٫٥٠"));
            QCOMPARE(options.temperature(), 0.5);
        }
        QCOMPARE(enter("seed-input", "18446744073709551615"), QStringLiteral("١٨٤٤٦٧٤٤٠٧٣٧٠٩٥٥١٦١٥"));
        QCOMPARE(enter("seed-input", "٤٢"), QStringLiteral("٤٢"));
        QCOMPARE(options.value().seed, std::optional<quint64>(42));
    }
    void longWordsFit_data() { everyFace(); }
    void longWordsFit() {
        QFETCH(int, face);
        LongWords language;
        QCoreApplication::installTranslator(&language);
        nothingIsCut(face);
    }
    void germanFits_data() { everyFace(); }
    void germanFits() {
        QFETCH(int, face);
        const Translations german(QLocale(QStringLiteral("de")));
        nothingIsCut(face);
        QLocale::setDefault(QLocale::c());
    }
    /// Whoever chooses another language reads all of it at once: as if the window had begun in it.
    void anotherLanguageAtOnce_data() {
        // Messages are gone in seconds; whoever is asked something answers before another page can be seen; and on the server's
        // page ages and the log go on by themselves.
        everyFace({"toasts", "toasts-chat", "toasts-dialog", "token", "delete", "chat-delete", "server"});
    }
    void anotherLanguageAtOnce() {
        QFETCH(int, face);
        Translations spoken(QLocale(QStringLiteral("de")));
        const auto arranged = [face](Scene &scene) {
            if (!scene.loaded || !QTest::qWaitForWindowExposed(scene.window, 60000)) return false;
            faces()[face].arrange(scene);
            return QQuickTest::qWaitForPolish(scene.window, 60000);
        };
        const auto said = [](const Scene &scene) {
            QStringList all;
            for (QQuickItem *item : scene.visible([](QQuickItem *each) { return each->inherits("QQuickText"); }))
                all << item->property("text").toString();
            all.removeAll(QString());
            all.sort();
            return all;
        };
        QStringList wanted;
        {
            Scene scene;
            QVERIFY(arranged(scene));
            QElapsedTimer same;
            same.start();
            const auto settled = [&] {
                if (const QStringList now = said(scene); std::exchange(wanted, now) != now) same.restart();
                return same.elapsed() > 300;
            };
            QVERIFY(QTest::qWaitFor(settled, 60000));
        }
        spoken.speak(QLocale(QStringLiteral("en")));
        Scene scene;
        QVERIFY(arranged(scene));
        QVERIFY(said(scene) != wanted);
        spoken.speak(QLocale(QStringLiteral("de")));
        retranslate(scene.engine, scene.app);
        const auto differs = [&] {
            QStringList more = said(scene), missing = wanted;
            for (const QString &text : std::as_const(wanted)) more.removeOne(text);
            for (const QString &text : said(scene)) missing.removeOne(text);
            return QStringList(more + missing).join(u'\n');
        };
        QTRY_VERIFY2_WITH_TIMEOUT(differs().isEmpty(), qPrintable(differs()), 10000);
        QLocale::setDefault(QLocale::c());
    }
    void mirrored_data() { everyFace(); }
    void mirrored() {
        QFETCH(int, face);
        QGuiApplication::setLayoutDirection(Qt::RightToLeft);
        nothingIsCut(face);
        QGuiApplication::setLayoutDirection(Qt::LayoutDirectionAuto);
    }
    void fromRightToLeft() {
        QGuiApplication::setLayoutDirection(Qt::RightToLeft);
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        QTRY_VERIFY(scene.one(QStringLiteral("page-tab-0")) && scene.one(QStringLiteral("page-tab-1")));
        const auto left = [&](const char *name) { return scene.one(QString::fromLatin1(name))->mapToScene({}).x(); };
        QTRY_VERIFY(left("page-tab-0") > left("page-tab-1"));
        QTRY_VERIFY(left("help-btn") < left("page-tab-1"));
        // A dialog stands in the middle, and what it says in its middle.
        QMetaObject::invokeMethod(scene.one(QStringLiteral("help-btn")), "click");
        QTRY_VERIFY(scene.one(QStringLiteral("theme-choice")));
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        const auto right = [&](const char *name) { return left(name) + scene.one(QString::fromLatin1(name))->width(); };
        QTRY_COMPARE(scene.window->width() - right("theme-choice"), left("theme-choice"));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        // What is beside the chat comes from the side where it stands.
        scene.window->resize(400, 800);
        scene.window->setProperty("page", 1);
        QTRY_VERIFY(scene.one(QStringLiteral("conversations-btn")));
        QMetaObject::invokeMethod(scene.one(QStringLiteral("conversations-btn")), "click");
        QTRY_VERIFY(scene.one(QStringLiteral("new-chat-btn")));
        QTRY_VERIFY(right("new-chat-btn") > scene.window->width() - 40);
        QTest::keyClick(scene.window, Qt::Key_Escape);
        // A list's scroll bar is at its left, and the rows begin at its right.
        scene.program.requests.end(scene.program.requests.begin({.client = QStringLiteral("10.0.0.2")}), 200);
        scene.window->setProperty("page", 2);
        const auto row = [&] {
            return scene.visible([](QQuickItem *item) { return item->property("requestId").isValid(); }).value(0);
        };
        QTRY_VERIFY(row());
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        QTRY_COMPARE(row()->mapToScene(QPointF(row()->width(), 0)).x(), right("ended"));
        QGuiApplication::setLayoutDirection(Qt::LayoutDirectionAuto);
    }
};

/// Names, and what faces() lets others say.
const QRegularExpression &TestLanguages::facts() {
    static const QStringList list{
        QStringLiteral("\\S+/\\S+"),  // addresses, folders, repositories
        QStringLiteral("miLLM|hf_x+|cuda:0|NVIDIA RTX 4090|AMD EPYC|FP16|Q[48]|English|Deutsch"),
        QStringLiteral("gemma(-2-\\w+)?|llama-3\\.2-3b|my-finetune|[a-z]+-(model|load|download)|Gemma2ForCausalLM"),
        QStringLiteral(
            "How do I sum a list in Python\\?|Why does the sky look blue, and why red in the evening\\? Two…|python"),
        QStringLiteral("The prompt has 9120 tokens, the model takes at most 8192\\.|You are a patient teacher\\."),
        QStringLiteral("model-cache-dir must not be wrong|The HTTP server does not run\\."),
        QStringLiteral("disk I/O error\\.|Port 8000 of 127\\.0\\.0\\.1 is in use\\."),
    };
    static const QRegularExpression facts(list.join(u'|'));
    return facts;
}

QTEST_MAIN(TestLanguages)
#include "test_languages.moc"
