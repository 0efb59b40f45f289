#include "core/downloads/bandwidth.h"

#include <QSignalSpy>
#include <QTest>

using namespace millm;
using namespace std::chrono_literals;

/// The bucket that downloads draw from, with a clock of the test's.
class TestBandwidth : public QObject {
    Q_OBJECT

    Bandwidth::Clock::time_point m_now{};

private Q_SLOTS:
    void withoutALimitAllIsGiven() {
        Bandwidth bandwidth([this] { return m_now; });
        QCOMPARE(bandwidth.take(1'000'000'000), qint64(1'000'000'000));
    }
    /// Over any time no more than the limit's share of it and one bucket, however it is asked.
    void neverMoreThanTheLimit() {
        Bandwidth bandwidth([this] { return m_now; });
        bandwidth.setLimit(1'000'000);
        qint64 taken = 0;
        for (int step = 0; step < 5000; ++step) {
            m_now += 1ms;
            for (const qint64 wanted : {1'000'000, 7, 30'000}) taken += bandwidth.take(wanted);
        }
        QVERIFY2(taken <= 5'000'000 + 200'000, qPrintable(QString::number(taken)));
        QVERIFY2(taken >= 4'900'000, qPrintable(QString::number(taken)));
    }
    void pausesSaveNothingUp() {
        Bandwidth bandwidth([this] { return m_now; });
        bandwidth.setLimit(1'000'000);
        m_now += 1h;
        QCOMPARE(bandwidth.take(1'000'000'000), qint64(200'000));
        QCOMPARE(bandwidth.take(1'000'000'000), qint64(0));
        bandwidth.giveBack(50'000);
        QCOMPARE(bandwidth.take(1'000'000'000), qint64(50'000));
    }
    /// Who got nothing hears when there is something again.
    void saysWhenThereIsMore() {
        Bandwidth bandwidth([this] { return m_now; });
        bandwidth.setLimit(100'000);
        QSignalSpy replenished(&bandwidth, &Bandwidth::replenished);
        QCOMPARE(bandwidth.take(1'000), qint64(0));
        QVERIFY(replenished.wait());
        m_now += 100ms;
        QCOMPARE(bandwidth.take(1'000), qint64(1'000));
        bandwidth.setLimit(0);
        QCOMPARE(replenished.size(), 2);
        QCOMPARE(bandwidth.take(1'000'000'000), qint64(1'000'000'000));
    }
};

QTEST_GUILESS_MAIN(TestBandwidth)
#include "test_bandwidth.moc"
