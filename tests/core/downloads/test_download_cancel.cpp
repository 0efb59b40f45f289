// A download that is called off, at every point: nothing stays behind.
#include "tests/core/downloads/queue_rig.h"

#include <QFileInfo>

#include <utility>

using namespace millm;
using namespace millm::testing;
using engine::Scheme;

class TestDownloadCancel : public QueueRig {
    Q_OBJECT

    void verifyEnded() {
        verifyNothingLeft();
        QVERIFY(!m_queue->cancel(1));
        QCOMPARE(m_queue->length(), 0);
    }

private Q_SLOTS:
    void cancelAnywhere_data() {
        QTest::addColumn<Scheme>("scheme");
        QTest::addColumn<double>("part");
        for (const auto &[scheme, name] : {std::pair(Scheme::NF4, "Q4"), std::pair(Scheme::Plain, "FP16")}) {
            for (const double part : {0.0, 0.3, 0.6, 0.9}) QTest::addRow("%s after %.1f", name, part) << scheme << part;
            // The folder is there under its name already, only the queue has not said so yet.
            QTest::addRow("%s published", name) << scheme << 1.0;
        }
    }

    void cancelAnywhere() {
        QFETCH(Scheme, scheme);
        QFETCH(double, part);
        serve({.hidden = 256, .intermediate = 512, .layers = 4, .shards = 3});
        const DownloadJob order = job(scheme);
        m_hub->setThrottle(5'000'000);
        bool asked = false, cancelled = false;
        connect(m_queue.get(), &DownloadQueue::progressed, this, [&](const DownloadProgress &progress) {
            if (asked || progress.progress < 100 * part) return;
            asked = true;
            if (part == 1) QVERIFY(QFileInfo::exists(order.folder));  // earlier too, where what is shown lags behind
            cancelled = m_queue->cancel(1);
        });
        m_queue->enqueue(order);
        QVERIFY(waitFor("cancelled 1"));
        QVERIFY(cancelled);
        verifyEnded();
        QCOMPARE(m_record.events, (QStringList{"started 1", "cancelled 1"}));
    }
    void cancelBeforeItStarts() {
        serve();
        m_queue->enqueue(job(Scheme::Plain));
        QVERIFY(m_queue->cancel(1));
        QVERIFY(waitFor("cancelled 1"));
        verifyEnded();
        QCOMPARE(m_record.events, QStringList{"cancelled 1"});
    }
    void cancelAsItStarts() {
        serve();
        connect(m_queue.get(), &DownloadQueue::started, this, [&](qint64 id) { QVERIFY(m_queue->cancel(id)); });
        m_queue->enqueue(job(Scheme::NF4));
        QVERIFY(waitFor("cancelled 1"));
        verifyEnded();
        QCOMPARE(m_record.events, (QStringList{"started 1", "cancelled 1"}));
    }

    void cancelWhileItFails() {
        serve();
        const DownloadJob order = job(Scheme::Plain);
        m_hub->addFault({.spoil = faults::status(410), .path = "tokenizer"});
        bool late = true;
        connect(m_queue.get(), &DownloadQueue::failed, this, [&](qint64 id) { late = m_queue->cancel(id); });
        m_queue->enqueue(order);
        QVERIFY(waitFor("failed 1"));
        QVERIFY(!late);
        QCOMPARE(m_queue->length(), 0);
    }

    void goesAwayUnderWay() {
        serve({.hidden = 256, .intermediate = 512, .layers = 4});
        const DownloadJob order = job(Scheme::NF4);
        m_hub->setThrottle(5'000'000);
        m_queue->enqueue(order);
        QVERIFY(QTest::qWaitFor([&] { return m_record.progress.size() > 1; }, 60000));
        m_queue.reset();
        verifyNothingLeft();
    }
};

QTEST_GUILESS_MAIN(TestDownloadCancel)
#include "test_download_cancel.moc"
