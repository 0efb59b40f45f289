#include "tests/e2e/desktop.h"
#include "tests/support/hub_emulator.h"

#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using millm::testing::Desktop;

/// The program with its window, looked at from outside: the engine and libtorch come with the first model, not before.
class EngineStaysOutTest : public QObject {
    Q_OBJECT

    static constexpr int workMs = 90000;

    millm::testing::HubEmulator m_hub;
    std::unique_ptr<Desktop> m_desktop;

    /// Of these names, which of the program's process's memory holds a library of.
    QStringList held() const {
        QFile maps(u"/proc/%1/maps"_s.arg(m_desktop->program().processId()));
        if (!maps.open(QIODevice::ReadOnly)) return {u"(its memory cannot be read)"_s};
        const QByteArray all = maps.readAll();
        QStringList names;
        for (const char *name : {"libQt6Quick", "libtorch", "libmillm_engine"})
            if (all.contains(name)) names << QString::fromLatin1(name);
        return names;
    }

private Q_SLOTS:
    void initTestCase() {
        m_hub.addRepository(u"HuggingFaceTB/SmolLM2-135M-Instruct"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_desktop = std::make_unique<Desktop>();
        QVERIFY2(m_desktop->trouble().isEmpty(), qPrintable(m_desktop->trouble()));
        m_desktop->environment().insert(u"HF_ENDPOINT"_s, m_hub.endpoint().toString());
        QVERIFY2(m_desktop->start(), "the program has no window on the accessibility bus");
    }
    void cleanupTestCase() { m_desktop.reset(); }

    void untilTheFirstModel() {
        QVERIFY(m_desktop->sees(u"heading"_s, u"Your Models (0)"_s, workMs));
        QVERIFY(m_desktop->sees(u"push button"_s, u"Server: Serving"_s));
        for (const auto &[key, page] : {std::pair(u"ctrl+2"_s, u"Chat"_s),
                                        {u"ctrl+3"_s, u"Server"_s},
                                        {u"ctrl+4"_s, u"Settings"_s},
                                        {u"ctrl+1"_s, u"Models"_s}}) {
            QVERIFY(m_desktop->press({key}));
            QVERIFY2(m_desktop->sees(u"heading"_s, page), qPrintable(page));
        }
        QCOMPARE(held(), QStringList{u"libQt6Quick"_s});
    }
    void whichBringsThem() {
        QVERIFY(m_desktop->press(u"push button"_s, u"Try a small model"_s));
        QVERIFY(m_desktop->press(u"push button"_s, u"Download"_s));
        QVERIFY(m_desktop->press(u"push button"_s, u"Load"_s, workMs));
        QVERIFY(m_desktop->sees(u"push button"_s, u"Unload"_s, workMs));
        QCOMPARE(held(), (QStringList{u"libQt6Quick"_s, u"libtorch"_s, u"libmillm_engine"_s}));
        QVERIFY(m_desktop->stop());
    }
};

QTEST_GUILESS_MAIN(EngineStaysOutTest)
#include "test_engine_stays_out.moc"
