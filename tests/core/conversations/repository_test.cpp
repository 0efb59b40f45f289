#include "core/conversations/conversation_repository.h"
#include "core/storage/database.h"
#include "tests/support/temporary_database.h"
#include "tests/support/waiting.h"

namespace millm {

using namespace Qt::StringLiterals;
using testing::answer;

class ConversationRepositoryTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_database = std::make_unique<Database>(m_databases.url());
        QVERIFY(answer(m_database->open()).ok());
        m_repository = std::make_unique<ConversationRepository>(*m_database);
    }
    void cleanup() {
        m_repository.reset();
        m_database.reset();
    }
    void keepsATree() {
        Conversation c = sample(u"Why does the sky look blue?"_s);
        c.options = {u"Be short."_s, 0.25, 0.9, 40, 0.01, 12345678901234567890ULL, 77};
        keep(c);
        const Result<Conversation> read = answer(m_repository->read(c.id));
        QVERIFY(read.ok());
        QCOMPARE(read->title, c.title);
        QCOMPARE(read->options, c.options);
        QCOMPARE(read->turns(), c.turns());
        QCOMPARE(read->end(), c.end());
    }
    void aTurnIsWrittenAgain() {
        Conversation c = sample(u"one"_s);
        keep(c);
        Turn changed = c.turns().last();
        changed.text = u"nul \0 goes, 😀 and \"quotes\" stay"_s;
        changed.failure = u"cut"_s;
        QVERIFY(answer(m_repository->save(c.id, changed)).ok());
        const Turn read = answer(m_repository->read(c.id))->turns().last();
        QCOMPARE(read.text, u"nul  goes, 😀 and \"quotes\" stay"_s);
        QCOMPARE(read.failure, u"cut"_s);
    }
    void theNewestFirst() {
        Conversation a = sample(u"a"_s), b = sample(u"b"_s);
        keep(a);
        keep(b);
        QCOMPARE(titles({}), (QStringList{u"b"_s, u"a"_s}));
        QTest::qWait(5);  // times have milliseconds
        QVERIFY(answer(m_repository->update(a)).ok());
        QCOMPARE(titles({}), (QStringList{u"a"_s, u"b"_s}));
        QVERIFY(answer(m_repository->rename(b.id, u"bee"_s)).ok());
        QCOMPARE(titles({}), (QStringList{u"a"_s, u"bee"_s}));
        QCOMPARE(answer(m_repository->heads({}, 1))->size(), 1);
    }
    void findsByTitleAndText() {
        Conversation a = sample(u"100% sure"_s), b = sample(u"1000 sure"_s);
        keep(a);
        keep(b);
        QCOMPARE(titles(u"0% S"_s), QStringList{u"100% sure"_s});
        QCOMPARE(titles(u"AN ANSWER"_s).size(), 2);
        QVERIFY(titles(u"a_answer"_s).isEmpty());
        QVERIFY(titles(u"\\"_s).isEmpty());
        QVERIFY(titles(u"';--"_s).isEmpty());
    }
    void removesWithItsTurns() {
        Conversation c = sample(u"one"_s);
        keep(c);
        QVERIFY(answer(m_repository->remove(c.id)).ok());
        QVERIFY(!answer(m_repository->read(c.id)).ok());
        QVERIFY(!answer(m_repository->remove(c.id)).ok());
        QVERIFY(!answer(m_repository->update(c)).ok());
        QVERIFY(!answer(m_repository->save(c.id, c.turns().first())).ok());  // nothing is kept without its conversation
        QVERIFY(titles(u"answer"_s).isEmpty());
    }

private:
    static Conversation sample(const QString &title) {
        Conversation c;
        c.title = title;
        const QDateTime at = QDateTime::fromString(u"2026-01-02T03:04:05.678Z"_s, Qt::ISODateWithMs);
        c.append(0, {.fromPerson = true, .text = title, .at = at});
        c.append(1, {.text = u"an answer"_s,
                     .reasoning = u"hm"_s,
                     .model = u"m"_s,
                     .figures = {.tokens = 3, .seconds = 1.5},
                     .at = at});
        c.append(1, {.failure = u"no memory"_s, .model = u"m"_s, .at = at});
        c.show(2);
        return c;
    }
    void keep(Conversation &c) {
        c.id = *answer(m_repository->insert(c));
        for (const Turn &turn : c.turns()) QVERIFY(answer(m_repository->save(c.id, turn)).ok());
    }
    QStringList titles(const QString &search) {
        QStringList all;
        const auto heads = answer(m_repository->heads(search));
        for (const ConversationHead &head : *heads) all << head.title;
        return all;
    }

    testing::TemporaryDatabase m_databases;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ConversationRepository> m_repository;
};

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ConversationRepositoryTest)
#include "repository_test.moc"
