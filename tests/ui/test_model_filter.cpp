#include "tests/ui/recorded_actions.h"
#include "tests/ui/samples.h"
#include "ui/model_filter.h"
#include "ui/model_list.h"
#include "ui/server_state.h"
#include "ui/toast_list.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace millm;

class TestModelFilter : public QObject {
    Q_OBJECT

    struct Parts {
        RecordedActions actions;
        ServerState server;
        ToastList toasts;
        ModelList list{actions, server, toasts};
        ModelFilter filter{list};
        QAbstractItemModelTester tester{&filter, QAbstractItemModelTester::FailureReportingMode::Fatal};
        QList<qint64> order() const {
            QList<qint64> ids;
            for (int row = 0; row < filter.rowCount(); ++row) ids << id(row);
            return ids;
        }
        qint64 id(int row) const { return filter.index(row, 0).data(ModelList::ModelIdRole).toLongLong(); }
    };
    /// As the window does, frame by frame.
    static void fill(ModelFilter &filter) {
        while (filter.filling()) filter.fill();
    }
    static Model numbered(qint64 id) {
        Model model = samples::llama();
        model.id = id;
        model.name = QStringLiteral("model-%1").arg(id);
        return model;
    }
    static Model in(qint64 id, ModelState state) {
        Model model = numbered(id);
        model.state = state;
        return model;
    }

private Q_SLOTS:
    /// What is loaded, then what is at work (of the queue the next one first), then the rest from the newest on.
    void whatMattersFirst() {
        Parts p;
        p.list.setModels({in(1, ModelState::Ready), in(2, ModelState::Loaded), in(3, ModelState::Downloading),
                          in(4, ModelState::Queued), in(5, ModelState::Queued), in(6, ModelState::LoadFailed),
                          in(7, ModelState::Ready)});
        QCOMPARE(p.order(), (QList<qint64>{2, 3, 4, 5, 7, 6, 1}));
        p.list.upsert(numbered(9));
        QCOMPARE(p.order(), (QList<qint64>{2, 3, 4, 5, 9, 7, 6, 1}));
        p.list.upsert(in(2, ModelState::Ready));
        p.list.upsert(in(1, ModelState::Loading));
        QCOMPARE(p.order(), (QList<qint64>{1, 3, 4, 5, 9, 7, 6, 2}));
    }
    void searchesNameAndRepository() {
        Parts p;
        p.list.setModels(samples::mockup());
        p.filter.setSearch(QStringLiteral(" GEMMA "));
        QCOMPARE(p.filter.rowCount(), 2);
        p.filter.setSearch(QStringLiteral("meta-llama/"));
        QCOMPARE(p.filter.rowCount(), 1);
        QCOMPARE(p.id(0), 1);
        p.filter.setSearch(QStringLiteral("nothing"));
        QCOMPARE(p.filter.matches(), 0);
        p.filter.setSearch({});
        QCOMPARE(p.filter.rowCount(), 3);
    }
    void searchBoxFromSixOn() {
        Parts p;
        for (qint64 id = 1; id <= 5; ++id) p.list.upsert(numbered(id));
        QVERIFY(!p.filter.searchable());
        p.list.upsert(numbered(6));
        QVERIFY(p.filter.searchable());
        p.list.drop(6);
        QVERIFY(!p.filter.searchable());
    }
    void pages() {
        Parts p;
        QList<Model> many;
        for (qint64 id = 1; id <= 150; ++id) many << numbered(id);
        p.list.setModels(many);
        fill(p.filter);
        QCOMPARE(p.filter.rowCount(), 60);
        QCOMPARE(p.filter.hidden(), 90);
        QCOMPARE(p.id(0), 150);
        QCOMPARE(p.id(59), 91);
        // A new one pushes the last one of the page out, a deleted one lets the next in.
        p.list.upsert(numbered(151));
        QCOMPARE(p.filter.rowCount(), 60);
        QCOMPARE(p.id(59), 92);
        p.list.drop(120);
        QCOMPARE(p.filter.rowCount(), 60);
        QCOMPARE(p.id(59), 91);
        p.filter.showMore();
        QCOMPARE(p.filter.hidden(), 30);
        fill(p.filter);
        QCOMPARE(p.filter.rowCount(), 120);
        p.filter.setSearch(QStringLiteral("model-7"));
        fill(p.filter);
        QCOMPARE(p.filter.rowCount(), 11);
        QCOMPARE(p.filter.hidden(), 0);
    }
    /// Of many rows few come at once, the first ones in order; a single row that joins a whole page is not held back.
    void fillsPageByAndBy() {
        Parts p;
        QList<Model> many;
        for (qint64 id = 1; id <= 20; ++id) many << numbered(id);
        p.list.setModels(many);
        QVERIFY(p.filter.filling());
        QCOMPARE(p.filter.matches(), 20);
        QCOMPARE(p.filter.hidden(), 0);
        int before = p.filter.rowCount();
        QVERIFY2(before < 20, qPrintable(QString::number(before)));
        while (p.filter.filling()) {
            QCOMPARE(p.order(),
                     QList<qint64>({20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}).first(before));
            p.filter.fill();
            QVERIFY(p.filter.rowCount() > before);
            before = p.filter.rowCount();
        }
        QCOMPARE(before, 20);
        p.list.upsert(numbered(21));
        QVERIFY(!p.filter.filling());
        QCOMPARE(p.filter.rowCount(), 21);
        p.filter.setOrder(ModelFilter::Order::Name);
        QVERIFY(p.filter.rowCount() < 21);
        fill(p.filter);
        QCOMPARE(p.filter.rowCount(), 21);
    }
    void ordersAsChosen() {
        Parts p;
        const auto made = [](qint64 id, const char *name, qint64 memory, ModelState state) {
            Model model =
                samples::model(id, QString::fromLatin1(name), QStringLiteral("a/b"), {}, engine::Scheme::NF4, memory, state);
            return model;
        };
        p.list.setModels({made(1, "beta", 300, ModelState::Ready), made(2, "alpha", 100, ModelState::Ready),
                          made(3, "gamma", 200, ModelState::Ready), made(4, "delta", 200, ModelState::Loaded)});
        QCOMPARE(p.order(), (QList<qint64>{4, 3, 2, 1}));
        p.filter.setOrder(ModelFilter::Order::Name);
        QCOMPARE(p.order(), (QList<qint64>{2, 1, 4, 3}));
        p.list.upsert(made(3, "aardvark", 200, ModelState::Ready));
        QCOMPARE(p.order(), (QList<qint64>{3, 2, 1, 4}));
        p.filter.setOrder(ModelFilter::Order::Memory);
        QCOMPARE(p.order(), (QList<qint64>{1, 4, 3, 2}));
        p.filter.setOrder(ModelFilter::Order::Newest);
        QCOMPARE(p.order(), (QList<qint64>{4, 3, 2, 1}));
        p.list.upsert(made(1, "beta", 300, ModelState::Loaded));
        QCOMPARE(p.order(), (QList<qint64>{4, 3, 2, 1}));
    }
    void letsThroughWhatIsChosen() {
        Parts p;
        p.list.setModels({in(1, ModelState::Ready), in(2, ModelState::Loaded), in(3, ModelState::Downloading),
                          in(4, ModelState::Queued), in(5, ModelState::LoadFailed), in(6, ModelState::DownloadFailed),
                          in(7, ModelState::Loading), samples::local(8)});
        const auto shown = [&] {
            QList<qint64> ids = p.order();
            std::ranges::sort(ids);
            return ids;
        };
        using State = ModelFilter::State;
        QVERIFY(!p.filter.narrowed());
        p.filter.setState(State::Loaded);
        QCOMPARE(shown(), (QList<qint64>{2}));
        p.filter.setState(State::Active);
        QCOMPARE(shown(), (QList<qint64>{3, 4, 7}));
        p.filter.setState(State::Failed);
        QCOMPARE(shown(), (QList<qint64>{5, 6}));
        p.filter.setState(State::Ready);
        QCOMPARE(shown(), (QList<qint64>{1, 8}));
        // What becomes something else goes, and comes.
        p.list.upsert(in(1, ModelState::Loading));
        QCOMPARE(shown(), (QList<qint64>{8}));
        p.list.upsert(in(7, ModelState::Ready));
        QCOMPARE(shown(), (QList<qint64>{7, 8}));
        QCOMPARE(p.filter.matches(), 2);
        p.filter.setOrigin(ModelFilter::Source::Local);
        QCOMPARE(shown(), (QList<qint64>{8}));
        p.filter.setOrigin(ModelFilter::Source::Hub);
        QCOMPARE(shown(), (QList<qint64>{7}));
        p.filter.setSearch(QStringLiteral("nothing"));
        QCOMPARE(shown(), QList<qint64>());
        QVERIFY(p.filter.narrowed());
        p.filter.showAll();
        QCOMPARE(shown().size(), 8);
    }
    void queueInItsOrder() {
        Parts p;
        const auto queued = [](qint64 id, int place) {
            Model model = numbered(id);
            model.state = ModelState::Queued;
            model.queuePlace = place;
            return model;
        };
        p.list.setModels({queued(1, 3), queued(2, 1), queued(3, 2)});
        QCOMPARE(p.order(), (QList<qint64>{2, 3, 1}));
        p.list.upsert(queued(1, 1));
        p.list.upsert(queued(2, 2));
        p.list.upsert(queued(3, 3));
        QCOMPARE(p.order(), (QList<qint64>{1, 2, 3}));
    }
    /// What is loaded comes to the top from wherever it was, also from beyond the page.
    void risesFromBeyondThePage() {
        Parts p;
        QList<Model> many;
        for (qint64 id = 1; id <= 150; ++id) many << numbered(id);
        p.list.setModels(many);
        fill(p.filter);
        Model old = numbered(3);
        old.state = ModelState::Loaded;
        p.list.upsert(old);
        QCOMPARE(p.id(0), 3);
        QCOMPARE(p.filter.rowCount(), 60);
    }
    void changesPassThrough() {
        Parts p;
        p.list.setModels(samples::mockup());
        Model model = samples::gemma9b();
        model.state = ModelState::Loading;
        p.list.upsert(model);
        QCOMPARE(p.filter.index(1, 0).data(ModelList::StatusRole).toString(), QStringLiteral("Loading"));
    }
};

QTEST_MAIN(TestModelFilter)
#include "test_model_filter.moc"
