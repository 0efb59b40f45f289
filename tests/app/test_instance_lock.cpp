#include "app/instance_lock.h"

#include "core/base/writable_folder.h"
#include "tests/support/small_disk.h"

#include <QCoreApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

/// One program a data directory, and what of a directory that cannot be written.
class TestInstanceLock : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theSecondIsTurnedAway() {
        const QTemporaryDir folder;
        const QString data = folder.filePath(QStringLiteral("new/data"));
        {
            InstanceLock first(data), second(data);
            QCOMPARE(first.acquire(), QString());
            const QString words = second.acquire();
            QVERIFY2(words.contains(data) && words.contains(QString::number(QCoreApplication::applicationPid())),
                     qPrintable(words));
            QSignalSpy knocked(&first, &InstanceLock::knocked);
            second.knock();
            QTRY_COMPARE_WITH_TIMEOUT(knocked.size(), 1, 30000);
            InstanceLock elsewhere(folder.filePath(QStringLiteral("other")));
            QCOMPARE(elsewhere.acquire(), QString());
        }
        InstanceLock next(data);
        QCOMPARE(next.acquire(), QString());
    }

    void aFullOrReadOnlyDiskIsLockedToo() {
        testing::SmallDisk disk;
        if (!disk.isValid()) QSKIP(testing::SmallDisk::needs);
        QCOMPARE(whyNotWritable(disk.path()), QString());
        disk.fill();
        QCOMPARE(whyNotWritable(disk.path()), QStringLiteral("the disk is full"));
        {
            InstanceLock first(disk.path()), second(disk.path());
            QCOMPARE(first.acquire(), QString());
            QVERIFY(!second.acquire().isEmpty());
        }
        disk.makeReadOnly();
        QVERIFY(whyNotWritable(disk.path()).contains(QStringLiteral("Read-only")));
        InstanceLock first(disk.path()), second(disk.path());
        QCOMPARE(first.acquire(), QString());
        QVERIFY(!second.acquire().isEmpty());
    }

    void aFolderThatCannotBeMadeIsNobodys() {
        InstanceLock lock(QStringLiteral("/proc/nowhere/data"));
        QCOMPARE(lock.acquire(), QString());
        QVERIFY(!whyNotWritable(QStringLiteral("/proc/nowhere/data")).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestInstanceLock)
#include "test_instance_lock.moc"
