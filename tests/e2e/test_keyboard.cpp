#include "tests/e2e/desktop.h"
#include "tests/support/hub_emulator.h"

#include <QTest>

#define WELL(what)                                    \
    do {                                              \
        const QString wrong = (what);                 \
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong)); \
    } while (false)

using namespace Qt::StringLiterals;
using millm::testing::Desktop;
using millm::testing::Spoken;

/// The program as it is, driven by the keyboard alone: the whole workflow, every page, every dialog. After each key the focus
/// is at something that a screen reader can name, and that can be seen.
class KeyboardTest : public QObject {
    Q_OBJECT

    static constexpr int most = 120;  ///< parts of a page or dialog that take the focus
    static constexpr int patienceMs = 20000, workMs = 90000;

    millm::testing::HubEmulator m_hub;
    std::unique_ptr<Desktop> m_desktop;
    QRect m_frame;  ///< of the window
    Spoken m_now;

    /// What is wrong with where the focus is; empty: nothing.
    QString flaw() const {
        if (m_now.role.isEmpty()) return u"nothing has the focus"_s;
        if (m_now.name.isEmpty()) return u"a %1 without a name has the focus"_s.arg(m_now.role);
        const bool tall = m_now.place.height() > m_frame.height() / 2;  // what scrolls by itself is seen in part
        const bool seen = tall ? m_frame.intersects(m_now.place) : m_frame.contains(m_now.place);
        if (!m_now.has(Spoken::Showing) || m_now.place.isEmpty() || !seen)
            return u"%1 has the focus out of sight, at %2,%3 of %4 by %5"_s.arg(m_now.brief())
                .arg(m_now.place.x())
                .arg(m_now.place.y())
                .arg(m_now.place.width())
                .arg(m_now.place.height());
        return {};
    }
    void look() { m_now = m_desktop->focused(); }
    void show(const QString &key) const {
        if (qEnvironmentVariableIsSet("MILLM_SHOW_TREE")) qInfo().noquote() << key << "->" << m_now.line() << m_now.place;
    }
    /// Presses a key that moves the focus, and waits until it has.
    QString step(const QString &key) {
        const QString before = m_now.reference.path.path();
        if (!m_desktop->press({key})) return u"%1 cannot be pressed"_s.arg(key);
        const auto moved = [&] {
            look();
            return m_now.reference.path.path() != before && flaw().isEmpty();
        };
        const bool well = QTest::qWaitFor(moved, patienceMs);
        show(key);
        if (well) return {};
        const QString wrong = flaw();
        return wrong.isEmpty() ? u"%1 leaves the focus at %2"_s.arg(key, m_now.brief()) : u"%1: %2"_s.arg(key, wrong);
    }
    /// Goes there by a key.
    QString go(const QString &role, const QString &name, const QString &key = u"Tab"_s) {
        look();
        for (int steps = 0; steps < most; ++steps) {
            if (m_now.role == role && (m_now.name == name || (role == u"list item"_s && m_now.name.startsWith(name))))
                return {};
            if (const QString wrong = step(key); !wrong.isEmpty()) return wrong;
        }
        return u"%1 does not come to %2 \"%3\""_s.arg(key, role, name);
    }
    /// Presses a key; the focus is there then.
    QString press(const QString &key, const QString &role, const QString &name, int withinMs = patienceMs) {
        if (!m_desktop->press({key})) return u"%1 cannot be pressed"_s.arg(key);
        return stands(role, name, withinMs, key);
    }
    /// Waits until the focus is at what is called so, or so at its beginning.
    QString stands(const QString &role, const QString &name, int withinMs = patienceMs, const QString &key = {}) {
        const auto there = [&] {
            look();
            return m_now.role == role && m_now.name.startsWith(name) && flaw().isEmpty();
        };
        const bool well = QTest::qWaitFor(there, withinMs);
        show(key);
        if (well) return {};
        return u"the focus is at %1 instead of %2 \"%3\" after %4. %5"_s.arg(m_now.line(), role, name, key, flaw());
    }
    /// Tab round and back to where it was, then the same way backwards: every part that takes the focus, or what is wrong.
    QString round(QStringList *parts) {
        // A message that goes meanwhile would be met on one of the ways alone.
        (void)QTest::qWaitFor([&] { return !m_desktop->find(u"push button"_s, u"Dismiss"_s); }, patienceMs);
        look();
        if (const QString wrong = flaw(); !wrong.isEmpty()) return wrong;
        const QString home = m_now.reference.path.path();
        QStringList forth, back;
        for (const auto &[key, trail] : {std::pair(u"Tab"_s, &forth), std::pair(u"shift+Tab"_s, &back)}) {
            do {
                *trail << m_now.brief();
                if (const QString wrong = step(key); !wrong.isEmpty()) return wrong;
            } while (m_now.reference.path.path() != home && trail->size() < most);
            if (trail->size() == most) return u"%1 does not come back to %2"_s.arg(key, forth.first());
        }
        std::reverse(back.begin() + 1, back.end());
        if (back != forth) return u"forth %1\nback %2"_s.arg(forth.join(u", "_s), back.join(u", "_s));
        *parts = forth;
        return {};
    }
    QString sees(const QString &role, const QString &name, int withinMs = patienceMs) const {
        if (m_desktop->sees(role, name, withinMs)) return {};
        QStringList there;
        for (const Spoken &each : m_desktop->all()) there << each.brief();
        return u"there is no %1 \"%2\" among %3"_s.arg(role, name, there.join(u", "_s));
    }
    /// Waits until the card of the model says so.
    QString card(const QString &words) const {
        const auto told = [&] {
            for (const Spoken &each : m_desktop->all())
                if (each.role == u"list item"_s && each.name.contains(words)) return true;
            return false;
        };
        return QTest::qWaitFor(told, workMs) ? QString() : u"no card says \"%1\""_s.arg(words);
    }

private Q_SLOTS:
    void initTestCase() {
        m_hub.addRepository(u"hf-internal-testing/tiny-random-gpt2"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_hub.addRepository(u"somebody/behind-a-gate"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_hub.setAccess(u"somebody/behind-a-gate"_s, {.gated = u"auto"_s});
        m_desktop = std::make_unique<Desktop>();
        QVERIFY2(m_desktop->trouble().isEmpty(), qPrintable(m_desktop->trouble()));
        m_desktop->environment().insert(u"HF_ENDPOINT"_s, m_hub.endpoint().toString());
        QVERIFY2(m_desktop->start(), "the program has no window on the accessibility bus");
        m_frame = m_desktop->tree().meet(m_desktop->window()).place;
        QVERIFY2(m_frame.width() >= 1000, "the window has no size");
        WELL(sees(u"heading"_s, u"Your Models (0)"_s, workMs));
    }
    void cleanupTestCase() { m_desktop.reset(); }

    void finds() {
        WELL(press(u"ctrl+l"_s, u"text"_s, u"HuggingFace Model Repository"_s));
        QVERIFY(m_desktop->type(u"tiny-random"_s));
        WELL(sees(u"list"_s, u"Models on the Hub"_s));
        WELL(press(u"Down"_s, u"text"_s, u"HuggingFace Model Repository"_s));
        WELL(press(u"Return"_s, u"text"_s, u"HuggingFace Model Repository"_s));
        QTRY_COMPARE_WITH_TIMEOUT(m_desktop->focused().text, u"hf-internal-testing/tiny-random-gpt2"_s, patienceMs);
    }
    void choosesAQuantization() {
        WELL(go(u"combo box"_s, u"Quantization Format"_s));
        const QString before = m_now.description;
        WELL(press(u"Down"_s, u"combo box"_s, u"Quantization Format"_s));
        QTRY_VERIFY_WITH_TIMEOUT(m_desktop->focused().description != before, patienceMs);
        WELL(press(u"Up"_s, u"combo box"_s, u"Quantization Format"_s));
        QTRY_COMPARE_WITH_TIMEOUT(m_desktop->focused().description, before, patienceMs);
    }
    void previews() {
        WELL(go(u"push button"_s, u"Preview"_s));
        WELL(press(u"Return"_s, u"push button"_s, u"Close"_s));
        QStringList parts;
        WELL(round(&parts));
        QVERIFY2(parts.size() >= 3, qPrintable(parts.join(u", "_s)));
        WELL(press(u"Escape"_s, u"push button"_s, u"Preview"_s));
    }
    void downloads() {
        WELL(go(u"push button"_s, u"Download"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        WELL(stands(u"text"_s, u"HuggingFace Model Repository"_s));
        WELL(card(u"Ready"_s));
    }
    void loads() {
        WELL(go(u"push button"_s, u"Load"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        WELL(card(u"Loaded"_s));
        WELL(stands(u"list item"_s, u"tiny-random-gpt2. Loaded."_s));
    }
    void asksBeforeItCloses() {
        const Spoken before = m_desktop->focused();
        WELL(press(u"ctrl+q"_s, u"push button"_s, u"Cancel"_s));
        QStringList parts;
        WELL(round(&parts));
        QVERIFY2(parts.size() >= 4, qPrintable(parts.join(u", "_s)));
        WELL(press(u"Escape"_s, before.role, before.name));
    }
    void chats() {
        WELL(press(u"ctrl+2"_s, u"text"_s, u"Your message"_s));
        QVERIFY(m_desktop->type(u"Once upon a time"_s));
        WELL(press(u"Return"_s, u"text"_s, u"Your message"_s));
        WELL(sees(u"push button"_s, u"Copy message"_s, workMs));
        QTRY_VERIFY_WITH_TIMEOUT(m_desktop->find(u"push button"_s, u"Send"_s), workMs);
        // From below one comes to what can be done with the answer, before to the answer itself.
        WELL(step(u"shift+Tab"_s));
        QVERIFY2(m_now.role == u"push button"_s && m_now.name != u"Copy message"_s, qPrintable(m_now.line()));
        for (int steps = 0; steps < 3 && m_now.name != u"Copy message"_s; ++steps) WELL(step(u"shift+Tab"_s));
        QCOMPARE(m_now.brief(), u"push button \"Copy message\""_s);
        WELL(step(u"shift+Tab"_s));
        QCOMPARE(m_now.role, u"list item"_s);
        WELL(go(u"text"_s, u"Your message"_s));
        QStringList parts;
        WELL(round(&parts));
        QVERIFY2(parts.contains(u"push button \"Copy message\""_s), qPrintable(parts.join(u", "_s)));
    }
    void stopsAnAnswer() {
        WELL(go(u"text"_s, u"Your message"_s));
        QVERIFY(m_desktop->type(u"There was"_s));
        QVERIFY(m_desktop->press({u"Return"_s, u"Escape"_s}));
        WELL(stands(u"text"_s, u"Your message"_s));
        WELL(sees(u"push button"_s, u"Send"_s));
    }
    void renamesAConversation() {
        WELL(go(u"push button"_s, u"Rename"_s, u"shift+Tab"_s));
        WELL(step(u"shift+Tab"_s));
        WELL(press(u"F2"_s, u"text"_s, u"Name"_s));
        QStringList parts;
        WELL(round(&parts));
        QVERIFY2(parts.contains(u"push button \"Cancel\""_s), qPrintable(parts.join(u", "_s)));
        QVERIFY(m_desktop->press({u"ctrl+a"_s}) && m_desktop->type(u"Tales"_s));
        WELL(press(u"Return"_s, u"list item"_s, u"Tales"_s));
    }
    void exportsAConversation() {
        WELL(go(u"push button"_s, u"Export conversation…"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        const auto dialog = m_desktop->turnTo(u"Export conversation"_s);  // Qt's own, where the desktop brings none
        QVERIFY(dialog);
        const auto tabTo = [&](const QString &role, const QString &name) {
            const auto there = [&] {
                const Spoken now = m_desktop->tree().focused(*dialog);
                return now.role == role && (name.isEmpty() || now.name == name);
            };
            for (int steps = 0; steps < most && !there(); ++steps) {
                if (!m_desktop->press({u"Tab"_s})) return false;
                (void)QTest::qWaitFor(there, 1000);
            }
            return there();
        };
        QVERIFY(tabTo(u"text"_s, {}));
        const QString path = m_desktop->home() + u"/tales.md"_s;
        QVERIFY(m_desktop->press({u"ctrl+a"_s}) && m_desktop->type(u"tales.md"_s));
        QVERIFY(tabTo(u"push button"_s, u"Save"_s));
        QVERIFY(m_desktop->press({u"space"_s}));
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), patienceMs);
        QVERIFY(m_desktop->turnTo(u"miLLM"_s));
        WELL(stands(u"push button"_s, u"Export conversation…"_s));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        QVERIFY2(text.startsWith(u"# Tales\n"_s) && text.contains(u"> Once upon a time\n"_s), qPrintable(text));
    }
    void deletesAConversation() {
        WELL(go(u"list item"_s, u"Tales"_s, u"shift+Tab"_s));
        WELL(press(u"Delete"_s, u"push button"_s, u"Cancel"_s));
        QStringList parts;
        WELL(round(&parts));
        WELL(press(u"Escape"_s, u"list item"_s, u"Tales"_s));
        WELL(press(u"Delete"_s, u"push button"_s, u"Cancel"_s));
        WELL(go(u"push button"_s, u"Delete"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        QTRY_VERIFY_WITH_TIMEOUT(!m_desktop->find(u"push button"_s, u"Rename"_s), patienceMs);
        look();
        WELL(flaw());
    }
    void serverPage() {
        WELL(press(u"ctrl+3"_s, u"panel"_s, u"Server"_s));
        WELL(step(u"Tab"_s));
        QStringList parts;
        WELL(round(&parts));
        for (const QString &part : {u"text \"Port\""_s, u"combo box \"Messages from this level on\""_s})
            QVERIFY2(parts.contains(part), qPrintable(part + u" is not among "_s + parts.join(u", "_s)));
        QVERIFY2(parts.last().startsWith(u"list item \"Info"_s), qPrintable(parts.last()));  // the log begins there
    }
    void settingsPage() {
        WELL(press(u"ctrl+4"_s, u"panel"_s, u"Settings"_s));
        WELL(step(u"Tab"_s));
        QStringList parts;
        WELL(round(&parts));
        for (const QString &part : {u"text \"Folder of downloaded models\""_s, u"combo box \"Compute type\""_s})
            QVERIFY2(parts.contains(part), qPrintable(part + u" is not among "_s + parts.join(u", "_s)));
    }
    void shortcuts() {
        look();
        const Spoken before = m_now;
        WELL(press(u"F1"_s, u"push button"_s, u"Close"_s));
        QStringList parts;
        WELL(round(&parts));
        WELL(press(u"Escape"_s, before.role, before.name));
    }
    void renames() {
        QVERIFY(m_desktop->press({u"ctrl+1"_s}));
        WELL(sees(u"heading"_s, u"Your Models (1)"_s));
        WELL(go(u"push button"_s, u"Unload"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        WELL(card(u"Ready"_s));
        WELL(go(u"push button"_s, u"More"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        WELL(sees(u"popup menu"_s, {}));
        WELL(go(u"menu item"_s, u"Rename…"_s, u"Down"_s));
        WELL(press(u"Return"_s, u"text"_s, u"Name"_s));
        QStringList parts;
        WELL(round(&parts));
        QVERIFY(m_desktop->press({u"ctrl+a"_s}));
        QVERIFY(m_desktop->type(u"renamed"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        WELL(card(u"renamed"_s));
        WELL(stands(u"push button"_s, u"More"_s));
    }
    void deletes() {
        WELL(go(u"push button"_s, u"Delete"_s, u"shift+Tab"_s));
        WELL(press(u"Return"_s, u"push button"_s, u"Cancel"_s));
        QStringList parts;
        WELL(round(&parts));
        WELL(press(u"Escape"_s, u"push button"_s, u"Delete"_s));
        WELL(press(u"Return"_s, u"push button"_s, u"Cancel"_s));
        WELL(go(u"push button"_s, u"Delete"_s));
        QVERIFY(m_desktop->press({u"Return"_s}));
        WELL(sees(u"heading"_s, u"Your Models (0)"_s, workMs));
        WELL(stands(u"panel"_s, u"Models"_s));
    }
    void addsAFolder() {
        WELL(go(u"push button"_s, u"Add from folder…"_s));
        WELL(press(u"Return"_s, u"text"_s, u"Model folder"_s));
        QStringList parts;
        WELL(round(&parts));
        QVERIFY2(parts.size() >= 5, qPrintable(parts.join(u", "_s)));
        WELL(press(u"Escape"_s, u"push button"_s, u"Add from folder…"_s));
    }
    void asksForAToken() {
        WELL(press(u"ctrl+l"_s, u"text"_s, u"HuggingFace Model Repository"_s));
        QVERIFY(m_desktop->type(u"somebody/behind-a-gate"_s));
        WELL(press(u"Return"_s, u"text"_s, u"Access Token"_s));
        QStringList parts;
        WELL(round(&parts));
        QVERIFY2(parts.contains(u"push button \"Cancel\""_s), qPrintable(parts.join(u", "_s)));
        WELL(press(u"Escape"_s, u"text"_s, u"HuggingFace Model Repository"_s));
    }
    void quits() {
        QVERIFY(m_desktop->press({u"ctrl+q"_s}));
        QTRY_COMPARE_WITH_TIMEOUT(m_desktop->program().state(), QProcess::NotRunning, patienceMs);
        QCOMPARE(m_desktop->program().exitCode(), 0);
    }
};

QTEST_GUILESS_MAIN(KeyboardTest)
#include "test_keyboard.moc"
