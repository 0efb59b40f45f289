#include "core/conversations/conversation.h"
#include "core/conversations/conversation_export.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace millm {

using namespace Qt::StringLiterals;

class ConversationTreeTest : public QObject {
    Q_OBJECT

    static Turn person(const QString &text) { return {.fromPerson = true, .text = text}; }
    static Turn answer(const QString &text) { return {.text = text, .model = u"m"_s}; }
    static QStringList texts(const Conversation &conversation) {
        QStringList all;
        for (const int number : conversation.path()) all << conversation.turn(number)->text;
        return all;
    }

private Q_SLOTS:
    void branches() {
        Conversation c;
        QCOMPARE(c.append(0, person(u"one"_s)), 1);
        QCOMPARE(c.append(1, answer(u"first"_s)), 2);
        QCOMPARE(c.append(2, person(u"two"_s)), 3);
        QCOMPARE(c.append(3, answer(u"second"_s)), 4);
        QCOMPARE(c.append(1, answer(u"first, again"_s)), 5);
        QCOMPARE(texts(c), (QStringList{u"one"_s, u"first, again"_s}));
        QCOMPARE(c.siblings(5), (QList<int>{2, 5}));
        c.show(2);
        QCOMPARE(texts(c), (QStringList{u"one"_s, u"first"_s, u"two"_s, u"second"_s}));
        c.append(0, person(u"uno"_s));
        QCOMPARE(texts(c), QStringList{u"uno"_s});
        c.show(1);  // the newest behind each: the answer made anew
        QCOMPARE(texts(c), (QStringList{u"one"_s, u"first, again"_s}));
        c.show(99);
        QCOMPARE(c.end(), 5);
    }
    void restoresOnlyATree() {
        const auto turn = [](int number, int parent) {
            Turn made = person(QString::number(number));
            made.number = number;
            made.parent = parent;
            return made;
        };
        Conversation c;
        // 3 has no parent, 5 stands behind it, 6 is its own parent, 2 comes twice.
        c.restore({turn(1, 0), turn(2, 1), turn(2, 1), turn(3, 9), turn(5, 3), turn(6, 6), turn(7, 2)}, 77);
        QCOMPARE(texts(c), (QStringList{u"1"_s, u"2"_s, u"7"_s}));
        QCOMPARE(c.turns().size(), 3);
        c.restore({}, 4);
        QCOMPARE(c.end(), 0);
        QVERIFY(c.path().isEmpty());
        QCOMPARE(c.append(0, person(u"new"_s)), 1);
    }
    void optionsAreDoubted() {
        const ConversationOptions kept{u"Be short."_s, 0.1, 0.5, 7, 0.05, ~quint64(0), 99};
        QCOMPARE(ConversationOptions::fromJson(kept.toJson()), kept);
        QCOMPARE(ConversationOptions::fromJson("[1, 2"), ConversationOptions());
        QCOMPARE(ConversationOptions::fromJson(R"({"temperature": 1e308, "top_p": "x", "top_k": -3, "min_p": null,
            "max_tokens": 1e30, "seed": "-1", "system": 4})"),
                 ConversationOptions());
        AnswerFigures figures{.tokens = 4, .promptTokens = 9, .seconds = 0.5, .end = AnswerFigures::End::Unloaded};
        QCOMPARE(AnswerFigures::fromJson(figures.toJson()), figures);
        QCOMPARE(AnswerFigures::fromJson(R"({"end": 77, "tokens": -1})"), AnswerFigures());
    }
    void titles() {
        QCOMPARE(Conversation::titleOf(u"  Hello\nthere"_s), u"Hello"_s);
        QCOMPARE(Conversation::titleOf(u"word "_s.repeated(40)), u"word "_s.repeated(11).trimmed() + u" word…"_s);
        const QString emoji = Conversation::titleOf(u"😀"_s.repeated(80));
        QVERIFY(emoji.isValidUtf16());
        QVERIFY(emoji.size() <= 61);
        QVERIFY(Conversation::titleOf(u" \n "_s).isEmpty());
    }
    void exports() {
        Conversation c;
        c.title = u"Sky"_s;
        c.options.system = u"Be short."_s;
        c.append(0, person(u"Why?\n# not a heading"_s));
        Turn thinking = answer(u"Because of *air*."_s);
        thinking.reasoning = u"Hm"_s;
        c.append(1, thinking);
        c.append(1, answer(u"Another."_s));
        c.show(2);
        const QString markdown = QString::fromUtf8(asMarkdown(c));
        QVERIFY2(markdown.startsWith(u"# Sky\n"), qPrintable(markdown));
        QVERIFY(markdown.contains(u"\n> # not a heading\n"));
        QVERIFY(markdown.contains(u"\nBecause of *air*.\n"));
        QVERIFY(!markdown.contains(u"Another."));
        const QJsonObject json = QJsonDocument::fromJson(asJson(c)).object();
        const QJsonArray messages = json["messages"_L1].toArray();
        QCOMPARE(messages.size(), 3);
        QCOMPARE(messages[0]["role"_L1].toString(), u"system"_s);
        QCOMPARE(messages[2]["content"_L1].toString(), u"Because of *air*."_s);
        QCOMPARE(json["turns"_L1].toArray().size(), 3);
        QCOMPARE(json["turns"_L1][1]["reasoning_content"_L1].toString(), u"Hm"_s);
        QCOMPARE(json["shown_turn"_L1].toInt(), 2);
    }
};

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ConversationTreeTest)
#include "tree_test.moc"
