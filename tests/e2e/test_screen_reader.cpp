#include "tests/e2e/desktop.h"
#include "tests/support/hub_emulator.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using millm::testing::Desktop;
using millm::testing::Spoken;

/// The program as it is, met by a screen reader: what it finds on every page and in every dialog, and what it can do there.
class ScreenReaderTest : public QObject {
    Q_OBJECT

    static constexpr int patienceMs = Desktop::patienceMs, workMs = 90000;

    millm::testing::HubEmulator m_hub;
    std::unique_ptr<Desktop> m_desktop;

    bool asksFor(const QString &repository) const {
        return m_desktop->press({u"ctrl+l"_s, u"ctrl+a"_s}) && m_desktop->type(repository);
    }

    /// What is to be true of everything of a role; the words that miss.
    static QStringList flaws(const Spoken &each) {
        QStringList missing;
        const auto want = [&](bool is, const QString &what) {
            if (!is) missing << u"%1 has no %2"_s.arg(each.line(), what);
        };
        if (each.role.isEmpty() || each.role == u"unknown"_s || each.role == u"invalid"_s)
            missing << u"a part called \"%1\" has no role"_s.arg(each.name);
        if (!each.interactive() && each.role != u"progress bar"_s) return missing;
        want(!each.name.isEmpty(), u"name"_s);
        want(!each.place.isEmpty(), u"place"_s);
        if (each.role == u"push button"_s || each.role == u"button"_s || each.role == u"page tab"_s ||
            each.role == u"menu item"_s)
            want(each.actions.contains(u"Press"_s), u"action"_s);
        if (each.role == u"page tab"_s) want(each.has(Spoken::Selectable), u"state of choice"_s);
        if (each.role == u"check box"_s || each.role == u"radio button"_s || each.role == u"toggle button"_s ||
            each.role == u"switch"_s) {
            want(each.has(Spoken::Checkable), u"state of being checked"_s);
            want(!each.actions.isEmpty(), u"action"_s);
        }
        if (each.role == u"combo box"_s) {
            want(!each.actions.isEmpty(), u"action"_s);
            want(!each.description.isEmpty(), u"value"_s);
        }
        if (each.role == u"text"_s || each.role == u"password text"_s)
            want(each.has(Spoken::Editable) || each.has(Spoken::ReadOnly), u"state of being edited"_s);
        if (each.role == u"progress bar"_s || each.role == u"slider"_s) want(each.maximum > 0, u"value"_s);
        return missing;
    }

    static QString shown(const QList<Spoken> &list) {
        QStringList lines;
        for (const Spoken &each : list) lines << each.line();
        return lines.join(u'\n');
    }
    /// A walk that finds nothing going on: twice the same.
    QList<Spoken> settled() const {
        QList<Spoken> list;
        QStringList before;
        (void)QTest::qWaitFor(
            [&] {
                list = m_desktop->all();
                QStringList now;
                bool gone = false;  // while it was asked, or soon
                for (const Spoken &each : list) {
                    now << each.reference.path.path();
                    gone = gone || each.role.isEmpty() || each.role == u"notification"_s;
                }
                if (qEnvironmentVariableIsSet("MILLM_SHOW_TREE")) qInfo().noquote() << shown(list);
                return std::exchange(before, now) == now && !gone;
            },
            patienceMs);
        return list;
    }
    /// All that is interactive, and of what lies before a page the texts as well, compared with what was approved
    /// (MILLM_APPROVE writes it anew). What changes from run to run or from machine to machine is not told: numbers and their
    /// units are #.
    QStringList compared(const QList<Spoken> &list, const QString &name) const {
        static const QRegularExpression numbers(u"\\d+([.,:]\\d+)*([ \u00a0][KMGT]B\\b)?"_s), processor(u"CPU \\(.*\\)"_s);
        QStringList lines;
        // What lies before the page is compared without the page.
        const auto front = std::ranges::find_if(
            list, [](const Spoken &each) { return each.role == u"dialog"_s || each.role == u"popup menu"_s; });
        const bool before = front != list.end();
        bool ofTip = false;
        for (const Spoken &each : before ? list.mid(front - list.begin()) : list) {
            // What has the focus shows a tip after a while.
            const bool tip = each.role == u"tool tip"_s, inTip = std::exchange(ofTip, tip);
            if (tip || inTip) continue;
            const bool told = each.interactive() || each.role == u"progress bar"_s || each.role == u"heading"_s;
            if (!told && (!before || each.name.isEmpty())) continue;
            lines << each.line()
                         .replace(m_desktop->home(), u"HOME"_s)
                         .replace(processor, u"CPU (NAME)"_s)
                         .replace(numbers, u"#"_s)
                         .simplified();
        }
        const QString path = QStringLiteral(MILLM_TREES) + u'/' + name + u".txt"_s;
        if (qEnvironmentVariableIsSet("MILLM_APPROVE")) {
            QFile file(path);
            if (file.open(QIODevice::WriteOnly)) file.write(lines.join(u'\n').toUtf8() + '\n');
            return {};
        }
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) return {path + u" is not there"_s};
        const QStringList approved = QString::fromUtf8(file.readAll()).split(u'\n', Qt::SkipEmptyParts);
        QStringList differences;
        for (const QString &line : approved)
            if (!lines.contains(line)) differences << u"- "_s + line;
        for (const QString &line : lines)
            if (!approved.contains(line)) differences << u"+ "_s + line;
        if (differences.isEmpty() && lines != approved) differences << u"another order"_s;
        return differences;
    }
    QStringList wrongOf(const QString &name) const {
        const QList<Spoken> list = settled();
        QStringList wrong;
        for (const Spoken &each : list) wrong << flaws(each);
        return wrong + compared(list, name);
    }

private Q_SLOTS:
    void initTestCase() {
        m_hub.addRepository(u"HuggingFaceTB/SmolLM2-135M-Instruct"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_hub.addRepository(u"somebody/open"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_hub.addRepository(u"somebody/behind-a-gate"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_hub.setAccess(u"somebody/behind-a-gate"_s, {.gated = u"auto"_s});
        m_desktop = std::make_unique<Desktop>(QSize(1280, 3200));  // what is out of sight is not told
        QVERIFY2(m_desktop->trouble().isEmpty(), qPrintable(m_desktop->trouble()));
        m_desktop->environment().insert(u"HF_ENDPOINT"_s, m_hub.endpoint().toString());
        QVERIFY2(m_desktop->start(), "the program has no window on the accessibility bus");
        QVERIFY(m_desktop->sees(u"heading"_s, u"Your Models (0)"_s, workMs));
    }
    void cleanupTestCase() { m_desktop.reset(); }

    void emptyList() { QCOMPARE(wrongOf(u"models-empty"_s).join(u'\n'), QString()); }

    /// How far a download is can be read, not only seen. All of it by what a screen reader can press.
    void readsProgress() {
        m_hub.setThrottle(500'000);  // the small model that the empty list offers, and slowly
        QVERIFY(m_desktop->press(u"push button"_s, u"Try a small model"_s));
        QVERIFY(m_desktop->press(u"push button"_s, u"Download"_s));
        std::optional<Spoken> bar;
        const auto reading = [&] {
            for (const Spoken &each : m_desktop->all())
                if (each.role == u"progress bar"_s) bar = each;
            return bar && bar->value > 0;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(reading(), "no progress bar with a value", workMs);
        QCOMPARE(bar->maximum, 100);
        QVERIFY(bar->value <= 100);
        QVERIFY2(!bar->name.isEmpty(), "the bar does not say what it is of");
        const double before = bar->value;
        QTRY_VERIFY_WITH_TIMEOUT(reading() && bar->value > before, workMs);
        m_hub.setThrottle(0);
        QVERIFY(m_desktop->sees(u"push button"_s, u"Load"_s, workMs));
    }
    void pages_data() {
        QTest::addColumn<QString>("page");
        for (const auto page : {"Models", "Chat", "Server", "Settings"}) QTest::addRow("%s", page) << QString::fromLatin1(page);
    }
    void pages() {
        QFETCH(QString, page);
        QVERIFY(m_desktop->press(u"page tab"_s, page));
        QTRY_VERIFY_WITH_TIMEOUT(m_desktop->find(u"page tab"_s, page)->has(Spoken::Selected), patienceMs);
        QCOMPARE(wrongOf(page.toLower()).join(u'\n'), QString());
    }
    /// The rows of a box are told of when it is open: what they are, which is chosen, and another one is chosen by its action.
    void choosesFromAList() {
        QVERIFY(m_desktop->press(u"page tab"_s, u"Models"_s));
        const auto chosen = [&] { return m_desktop->find(u"combo box"_s, u"Quantization Format"_s)->description; };
        const QString before = chosen(), other = u"Q8 (8-bit)"_s;
        for (const QString &wanted : {other, before}) {
            QVERIFY(m_desktop->press(u"combo box"_s, u"Quantization Format"_s));
            QVERIFY(m_desktop->sees(u"list item"_s, wanted) && m_desktop->sees(u"list"_s, u"Quantization Format"_s));
            const Spoken now = *m_desktop->find(u"list item"_s, chosen()), then = *m_desktop->find(u"list item"_s, wanted);
            QVERIFY2(now.has(Spoken::Selected) && !then.has(Spoken::Selected) && then.has(Spoken::Selectable),
                     qPrintable(now.line() + u'\n' + then.line()));
            QVERIFY(m_desktop->press(u"list item"_s, wanted));
            QTRY_COMPARE_WITH_TIMEOUT(chosen(), wanted, patienceMs);
        }
    }
    /// Who walks over a page that is looked at keeps what was found, though its facts change all the while.
    void partsStay() {
        for (const auto &page : {u"Server"_s, u"Settings"_s}) {
            QVERIFY(m_desktop->press(u"page tab"_s, page));
            const QList<Spoken> before = settled();
            // The header, and the server's health, are told anew each second.
            const auto told = [&] {
                QStringList words;
                for (const Spoken &each : m_desktop->all())
                    if (each.role == u"label"_s) words << each.name;
                return words;
            };
            for (int ticks = 0; ticks < 3; ++ticks) {
                const QStringList earlier = told();
                QVERIFY(QTest::qWaitFor([&] { return told() != earlier; }, patienceMs));
            }
            QStringList still;
            for (const Spoken &each : m_desktop->all()) still << each.reference.path.path();
            QStringList lost;
            for (const Spoken &each : before)
                if (!still.contains(each.reference.path.path())) lost << each.brief();
            QCOMPARE(lost.join(u", "_s), QString());
        }
        QVERIFY(m_desktop->press(u"page tab"_s, u"Models"_s));
    }
    void dialogs_data() {
        QTest::addColumn<QString>("opens");
        QTest::addColumn<QString>("entry");  ///< of the menu that opens then; empty: a dialog opens at once
        QTest::addColumn<QString>("closes");
        QTest::addRow("preview") << u"Preview"_s << QString() << u"Close"_s;
        QTest::addRow("local") << u"Add from folder…"_s << QString() << u"Cancel"_s;
        QTest::addRow("delete") << u"Delete"_s << QString() << u"Cancel"_s;
        QTest::addRow("menu") << u"More"_s << QString() << QString();
        QTest::addRow("rename") << u"More"_s << u"Rename…"_s << u"Cancel"_s;
        QTest::addRow("shortcuts") << u"Shortcuts and appearance"_s << QString() << u"Close"_s;
        QTest::addRow("load") << u"Load with options"_s << QString() << u"Cancel"_s;
        QTest::addRow("token") << u"Download"_s << QString() << u"Cancel"_s;
    }
    void dialogs() {
        QFETCH(QString, opens);
        QFETCH(QString, entry);
        QFETCH(QString, closes);
        if (opens == u"Preview"_s) QVERIFY(asksFor(u"somebody/open"_s));
        if (opens == u"Download"_s) QVERIFY(asksFor(u"somebody/behind-a-gate"_s));
        QVERIFY(m_desktop->press(u"push button"_s, opens));
        if (!entry.isEmpty()) QVERIFY(m_desktop->press(u"menu item"_s, entry));
        QVERIFY(closes.isEmpty() ? m_desktop->sees(u"menu item"_s, {}) : m_desktop->sees(u"push button"_s, closes));
        QCOMPARE(wrongOf(QString::fromLatin1(QTest::currentDataTag()) + u"-dialog"_s).join(u'\n'), QString());
        if (closes.isEmpty())
            QVERIFY(m_desktop->press({u"Escape"_s}));
        else
            QVERIFY(m_desktop->press(u"push button"_s, closes));
        QTRY_VERIFY_WITH_TIMEOUT(!closes.isEmpty() ? !m_desktop->find(u"push button"_s, closes) : true, patienceMs);
    }
    /// Of a conversation that was had: what is asked before it gets another name, or goes.
    void conversations_data() {
        QTest::addColumn<QString>("opens");
        QTest::addRow("conversation-rename") << u"Rename"_s;
        QTest::addRow("conversation-delete") << u"Delete"_s;
    }
    void conversations() {
        QFETCH(QString, opens);
        if (!m_desktop->find(u"push button"_s, u"Copy message"_s)) {
            QVERIFY(m_desktop->press(u"push button"_s, u"Load"_s));
            QVERIFY(m_desktop->sees(u"push button"_s, u"Unload"_s, workMs));
            QVERIFY(m_desktop->press({u"ctrl+2"_s}) && m_desktop->sees(u"text"_s, u"Your message"_s) &&
                    m_desktop->type(u"Once upon a time"_s) && m_desktop->press({u"Return"_s}));
            QVERIFY(m_desktop->sees(u"push button"_s, u"Copy message"_s, workMs) &&
                    m_desktop->sees(u"push button"_s, u"Send"_s, workMs));
        }
        QVERIFY(m_desktop->press(u"push button"_s, opens));
        QVERIFY(m_desktop->sees(u"push button"_s, u"Cancel"_s));
        QCOMPARE(wrongOf(QString::fromLatin1(QTest::currentDataTag()) + u"-dialog"_s).join(u'\n'), QString());
        QVERIFY(m_desktop->press(u"push button"_s, u"Cancel"_s));
        QTRY_VERIFY_WITH_TIMEOUT(!m_desktop->find(u"push button"_s, u"Cancel"_s), patienceMs);
    }
    /// What is kept is opened by what a screen reader can press.
    void opensAConversation() {
        QVERIFY(m_desktop->press(u"push button"_s, u"New conversation"_s));
        QVERIFY(m_desktop->sees(u"heading"_s, u"Chat"_s));
        std::optional<Spoken> row;
        for (const Spoken &each : m_desktop->all())
            if (each.role == u"list item"_s && each.name.startsWith(u"Once upon a time, ")) row = each;
        QVERIFY2(row && row->actions.contains(u"Press"_s) && row->has(Spoken::Selectable), "it cannot be opened");
        m_desktop->tree().press(row->reference);
        QVERIFY(m_desktop->sees(u"heading"_s, u"Once upon a time"_s));
    }
    /// While a model is served and another one is on its way: everything that the end would cut is told, and every way out.
    void closing() {
        QVERIFY(m_desktop->press(u"page tab"_s, u"Models"_s));
        QVERIFY(m_desktop->sees(u"push button"_s, u"Unload"_s));
        m_hub.setThrottle(20'000);
        QVERIFY(asksFor(u"somebody/open"_s));
        QVERIFY(m_desktop->press(u"push button"_s, u"Download"_s));
        QVERIFY(m_desktop->sees(u"push button"_s, u"Cancel"_s, workMs));
        QVERIFY(m_desktop->press({u"ctrl+q"_s}));
        QVERIFY(m_desktop->sees(u"push button"_s, u"Finish, then quit"_s));
        QCOMPARE(wrongOf(u"close-dialog"_s).join(u'\n'), QString());
        QVERIFY(m_desktop->press(u"push button"_s, u"Stop and quit"_s));
        QTRY_COMPARE_WITH_TIMEOUT(m_desktop->program().state(), QProcess::NotRunning, patienceMs);
    }
};

QTEST_GUILESS_MAIN(ScreenReaderTest)
#include "test_screen_reader.moc"
