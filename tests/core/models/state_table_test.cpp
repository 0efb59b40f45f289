#include "core/models/state_table.h"
#include "core/models/catalog.h"

#include <QTest>

namespace millm {

namespace {

using S = ModelState;
using E = ModelEvent;

constexpr std::array states{S::Queued, S::Downloading, S::Ready,          S::Loading,
                            S::Loaded, S::Unloading,   S::DownloadFailed, S::LoadFailed};
constexpr std::array events{E::DownloadStarted,   E::DownloadFinished, E::DownloadFailed,  E::DownloadRetried,
                            E::DownloadCancelled, E::FilesLost,        E::LoadRequested,   E::LoadFinished,
                            E::LoadFailed,        E::LoadCancelled,    E::UnloadRequested, E::UnloadFinished,
                            E::Restarted,         E::Removed};

// The requirement's table, written a second time as a picture: a row a state, a column an event in the order above.
// q queued, d downloading, r ready, l loading, L loaded, u unloading, D download failed, F load failed, x gone, . not possible.
const std::array picture{
    //          start fin fail retry cancel lost load ok bad lcancel unload done restart remove
    QByteArray("d     .   D    .     x      .    .    .  .   .       .      .    D       ."),  // queued
    QByteArray(".     r   D    .     x      .    .    .  .   .       .      .    D       ."),  // downloading
    QByteArray(".     .   .    .     .      D    l    .  .   .       .      .    r       x"),  // ready
    QByteArray(".     .   .    .     .      .    .    L  F   r       .      .    r       ."),  // loading
    QByteArray(".     .   .    .     .      .    .    .  .   .       u      .    r       ."),  // loaded
    QByteArray(".     .   .    .     .      .    .    .  .   .       .      r    r       ."),  // unloading
    QByteArray(".     .   .    q     .      .    .    .  .   .       .      .    D       x"),  // download failed
    QByteArray(".     .   .    .     .      D    l    .  .   .       .      .    F       x"),  // load failed
};

char letter(const Transition *row) {
    if (!row) return '.';
    if (!row->to) return 'x';
    return "qdrlLuDF"[std::size_t(*row->to)];
}

}  // namespace

class StateTableTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyStateAndEvent_data();
    void everyStateAndEvent();
    void noRowTwice();
    void clientsKnowFiveStates();
    void theCatalogFollowsTheTable();
    void leavingAStateClearsWhatBelongsToIt();
    void findsWithoutCase();
};

void StateTableTest::everyStateAndEvent_data() {
    QTest::addColumn<int>("state");
    for (std::size_t i = 0; i < states.size(); ++i) QTest::addRow("state %zu", i) << int(i);
}

void StateTableTest::everyStateAndEvent() {
    QFETCH(int, state);
    const auto cells = picture[std::size_t(state)].simplified().split(' ');
    QCOMPARE(cells.size(), qsizetype(events.size()));
    for (std::size_t e = 0; e < events.size(); ++e)
        QVERIFY2(letter(transition(states[std::size_t(state)], events[e])) == cells[qsizetype(e)].at(0),
                 qPrintable(QStringLiteral("event %1").arg(e)));
}

void StateTableTest::noRowTwice() {
    for (const auto &row : transitions()) QCOMPARE(transition(row.from, row.event), &row);
}

void StateTableTest::clientsKnowFiveStates() {
    const std::array names{"downloading", "downloading", "ready", "loading", "loaded", "loaded", "error", "error"};
    for (std::size_t i = 0; i < states.size(); ++i) QCOMPARE(apiStatus(states[i]), QLatin1StringView(names[i]));
}

void StateTableTest::theCatalogFollowsTheTable() {
    for (const auto state : states) {
        for (const auto event : events) {
            Catalog catalog;
            Model model;
            model.id = 1;
            model.state = state;
            catalog.put(model);
            const auto *row = transition(state, event);
            QCOMPARE(catalog.apply(1, event, QStringLiteral("why")), row != nullptr);
            const auto after = catalog.find(1);
            if (!row)
                QCOMPARE(after->state, state);
            else if (row->to)
                QCOMPARE(after->state, *row->to);
            else
                QVERIFY(!after);
        }
    }
    Catalog empty;
    QVERIFY(!empty.apply(7, E::Restarted));
}

void StateTableTest::leavingAStateClearsWhatBelongsToIt() {
    Catalog catalog;
    Model model;
    model.id = 1;
    model.state = S::Loaded;
    model.device = QStringLiteral("cpu");
    model.memory = MemoryUse{.weightBytes = 100};
    model.loadedAt = QDateTime::currentDateTimeUtc();
    catalog.put(model);
    QVERIFY(catalog.apply(1, E::UnloadRequested));
    QVERIFY(catalog.find(1)->loadedAt.isValid());
    QVERIFY(catalog.apply(1, E::UnloadFinished));
    QVERIFY(!catalog.find(1)->loadedAt.isValid());
    QVERIFY(catalog.find(1)->device.isEmpty());
    QVERIFY(!catalog.find(1)->memory);
    QVERIFY(catalog.apply(1, E::LoadRequested));
    QVERIFY(catalog.apply(1, E::LoadFailed, QStringLiteral("no room")));
    QCOMPARE(catalog.find(1)->errorMessage, QStringLiteral("no room"));
    QVERIFY(catalog.apply(1, E::LoadRequested));
    QVERIFY(catalog.find(1)->errorMessage.isEmpty());
}

void StateTableTest::findsWithoutCase() {
    Catalog catalog;
    Model model;
    model.id = 4;
    model.repoId = QStringLiteral("Google/Gemma-2");
    model.quantization = engine::Scheme::Int8;
    model.diskSizeMb = 3;
    catalog.put(model);
    QVERIFY(catalog.findRepository(QStringLiteral("google/gemma-2"), engine::Scheme::Int8));
    QVERIFY(!catalog.findRepository(QStringLiteral("google/gemma-2"), engine::Scheme::NF4));
    QCOMPARE(catalog.downloadedBytes(), qint64(3) << 20);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::StateTableTest)
#include "state_table_test.moc"
