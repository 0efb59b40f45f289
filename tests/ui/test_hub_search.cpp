#include "tests/ui/recorded_actions.h"
#include "ui/hub_search.h"
#include "ui/scheme_list.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace millm;

class TestHubSearch : public QObject {
    Q_OBJECT

    RecordedActions m_actions;
    std::unique_ptr<HubSearch> m_search;
    std::unique_ptr<QAbstractItemModelTester> m_tester;

    static QString s(const char *text) { return QString::fromUtf8(text); }
    static FoundModel found(const char *id) {
        FoundModel model;
        model.repository.id = s(id);
        return model;
    }
    using Face = HubSearch::Face;

private Q_SLOTS:
    void init() {
        m_actions = {};
        m_search = std::make_unique<HubSearch>(m_actions, false);
        m_tester =
            std::make_unique<QAbstractItemModelTester>(m_search.get(), QAbstractItemModelTester::FailureReportingMode::Fatal);
    }
    /// One question for what is typed in one go, and the earlier one is stopped.
    void asksOnceTheWordsRest() {
        for (const char *typed : {"l", "ll", "lla", "llam", "llama"}) m_search->ask(s(typed), s(" hf_x "));
        QCOMPARE(m_search->face(), Face::Waiting);
        QVERIFY(m_actions.calls.isEmpty());
        QTRY_COMPARE(m_actions.calls, QStringList{s("search llama")});
        QCOMPARE(m_actions.lastSearch.token, s("hf_x"));
        m_search->ask(s("llama 3"), {});
        QVERIFY(m_actions.stops[0].stop_requested());
        m_actions.searches[0].answer(QList{found("too/late")});
        QTRY_COMPARE(m_actions.calls.size(), 2);
        QCoreApplication::processEvents();
        QCOMPARE(m_search->rowCount(), 0);
        m_actions.searches[1].answer(QList{found("a/one"), found("a/two")});
        QTRY_COMPARE(m_search->face(), Face::Found);
        QCOMPARE(m_search->repoId(1), s("a/two"));
        QCOMPARE(m_search->repoId(-1), QString());
        m_search->close();
        QCOMPARE(m_search->rowCount(), 0);
    }
    void stopsWithWhoAsked() {
        m_search->ask(s("llama"), {});
        QTRY_COMPARE(m_actions.stops.size(), 1);
        m_search->close();
        QVERIFY(m_actions.stops[0].stop_requested());
        m_search->ask(s("llama"), {});
        QTRY_COMPARE(m_actions.stops.size(), 2);
        m_tester.reset();
        m_search.reset();
        QVERIFY(m_actions.stops[1].stop_requested());
    }
    void addressesAndLettersAreNotAsked() {
        for (const char *typed : {"", "  ", "x", "https://huggingface.co/google/gemma-2-2b"}) {
            m_search->ask(s("words"), {});
            m_search->ask(s(typed), {});
            QCOMPARE(m_search->face(), Face::Closed);
        }
        QTest::qWait(2 * HubSearch::restMilliseconds);
        QVERIFY(m_actions.calls.isEmpty());
    }
    void wholeNameIsNoChoice() {
        m_search->ask(s("Acme/Model"), {});
        QTRY_COMPARE(m_actions.searches.size(), 1);
        m_actions.searches[0].answer(QList{found("acme/model")});
        QTRY_COMPARE(m_search->face(), Face::Closed);
    }
    void movesAndSpeaks() {
        QSignalSpy spoken(m_search.get(), &HubSearch::announced);
        m_search->ask(s("acme"), {});
        QTRY_COMPARE(m_actions.searches.size(), 1);
        m_actions.searches[0].answer(QList{found("acme/one"), found("acme/two")});
        QTRY_COMPARE(spoken.size(), 1);
        QCOMPARE(spoken.first().first().toString(), s("2 models found"));
        QCOMPARE(m_search->current(), -1);
        m_search->move(1);
        QCOMPARE(m_search->current(), 0);
        QVERIFY(spoken.last().first().toString().startsWith(s("acme/one")));
        m_search->move(5);
        QCOMPARE(m_search->current(), 1);
        m_search->move(-1);
        m_search->move(-1);
        QCOMPARE(m_search->current(), -1);
        m_search->move(1);
        m_search->ask(s("acme x"), {});
        QCOMPARE(m_search->current(), -1);
    }
    /// What is not known is said to be so.
    void wordsOfFacts() {
        FoundModel full = found("acme/one");
        full.repository.downloads = 1'234'567;
        full.repository.likes = 89;
        full.repository.license = s("mit");
        full.repository.gated = true;
        full.params = s("7B");
        full.weightBytes = {{engine::Scheme::NF4, 3'500'000'000}, {engine::Scheme::Plain, 14'000'000'000}};
        full.supported = true;
        full.fits = false;
        FoundModel refused = found("acme/two");
        refused.supported = false;
        refused.unsupportedReason = s("models of type \"x\" are not supported");
        m_search->ask(s("acme"), {});
        QTRY_COMPARE(m_actions.searches.size(), 1);
        FoundModel packed = found("acme/packed");
        packed.repository.quantization = s("awq");
        m_actions.searches[0].answer(QList{full, found("acme/bare"), refused, packed});
        QTRY_COMPARE(m_search->rowCount(), 4);
        const auto text = [&](int row, int role) { return m_search->index(row).data(role).toString(); };
        const QString facts = text(0, HubSearch::FactsRole);
        for (const char *part : {"7B params", "at least 3.5 GB memory", "mit", "1,234,567 downloads", "89 likes"})
            QVERIFY2(facts.contains(s(part)), qPrintable(facts));
        QCOMPARE(text(0, HubSearch::FitTextRole), s("Too large"));
        QVERIFY(text(0, HubSearch::SpokenRole).contains(s("gated")));
        QCOMPARE(text(0, HubSearch::ReasonRole), QString());
        QVERIFY(text(1, HubSearch::FactsRole).contains(s("size unknown")));
        QVERIFY(text(1, HubSearch::FactsRole).contains(s("licence unknown")));
        QCOMPARE(text(1, HubSearch::FitTextRole), QString());
        QVERIFY(!text(1, HubSearch::ReasonRole).isEmpty());
        QVERIFY(text(2, HubSearch::ReasonRole).contains(refused.unsupportedReason));
        QVERIFY(text(3, HubSearch::FactsRole).contains(s("quantized with AWQ")));
        QVERIFY(!text(3, HubSearch::FactsRole).contains(s("memory")));
        QVERIFY(!facts.contains(s("quantized with")));
    }
    void saysWhatWentWrong() {
        m_search->ask(s("acme"), {});
        QTRY_COMPARE(m_actions.searches.size(), 1);
        m_actions.searches[0].answer(errors::searchFailed(errors::networkFailed()));
        QTRY_COMPARE(m_search->face(), Face::Failed);
        QVERIFY(m_search->message().contains(s("Network error")));
        m_search->ask(s("nothing at all"), {});
        QTRY_COMPARE(m_actions.searches.size(), 2);
        m_actions.searches[1].answer(QList<FoundModel>());
        QTRY_COMPARE(m_search->face(), Face::Nothing);
        QVERIFY(m_search->message().contains(s("nothing at all")));

        HubSearch offline(m_actions, true);
        offline.ask(s("acme"), {});
        QCOMPARE(offline.face(), Face::Failed);
        QVERIFY(offline.message().contains(s("HF_HUB_OFFLINE")));
        QTest::qWait(2 * HubSearch::restMilliseconds);
        QCOMPARE(m_actions.searches.size(), 2);
    }
};

QTEST_MAIN(TestHubSearch)
#include "test_hub_search.moc"
