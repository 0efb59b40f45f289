#include "core/base/errors.h"
#include "ui/closing.h"
#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/language.h"
#include "ui/translations.h"

#include <QGuiApplication>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

class TestLanguage : public QObject {
    Q_OBJECT

    static QString s(const char *text) { return QString::fromUtf8(text); }

private Q_SLOTS:
    void cleanup() {
        QLocale::setDefault(QLocale::c());
        QGuiApplication::setLayoutDirection(Qt::LayoutDirectionAuto);
    }
    void choiceIsKept() {
        QTemporaryDir folder;
        const QString file = folder.filePath(s("window.conf"));
        QCOMPARE(Language::remembered(file), QLocale::system());
        {
            Language language(file);
            QCOMPARE(language.choice(), 0);
            QSignalSpy changed(&language, &Language::changed);
            language.setChoice(static_cast<int>(language.names().indexOf(s("Deutsch"))));
            QCOMPARE(language.locale().language(), QLocale::German);
            language.setChoice(99);
            QCOMPARE(changed.size(), 1);
        }
        QCOMPARE(Language::remembered(file).language(), QLocale::German);
        Language language(file);
        language.setChoice(0);
        QCOMPARE(language.locale(), QLocale::system());
        QCOMPARE(Language::remembered(file), QLocale::system());
    }
    void strangeChoiceIsTheSystems() {
        QTemporaryDir folder;
        const QString file = folder.filePath(s("window.conf"));
        QSettings(file, QSettings::IniFormat).setValue(s("window/language"), s("tlh"));
        QCOMPARE(Language::remembered(file), QLocale::system());
        QCOMPARE(Language(file).choice(), 0);
    }
    void german() {
        const Translations translations{QLocale(s("de_DE"))};
        QCOMPARE(Closing::tr("%Ln download(s)", nullptr, 1), s("1 Download"));
        QCOMPARE(Closing::tr("%Ln download(s)", nullptr, 2), s("2 Downloads"));
        QCOMPARE(format::bytes(1'800'000'000), s("1,8\u00a0GB"));
        QCOMPARE(format::ratio(8'200'000'000, 32'000'000'000), s("8,2/32 GB"));
        QCOMPARE(format::tokens(1234, 100), s("1.234 Token, 12,3 Token/s"));
        QCOMPARE(QGuiApplication::layoutDirection(), Qt::LeftToRight);
    }
    /// What the services say, reasons within sentences too; what nobody translated stays as it was said.
    void errorsInGerman() {
        const Error error = errors::downloadFailed(s("the server is in trouble (503). Please try again later."));
        QCOMPARE(inWords(error), error.message);
        const Translations translations{QLocale(s("de_DE"))};
        QCOMPARE(inWords(error),
                 s("Herunterladen fehlgeschlagen: Der Server ist gestört (503). Bitte später erneut versuchen."));
        QCOMPARE(inWords(errors::modelAlreadyExists(s("a/%2"), s("Q4"), 1)),
                 s("Das Modell „a/%2“ mit Q4-Quantisierung ist schon vorhanden."));
        QCOMPARE(inWords(errors::loadFailed(1, s("something new"))), s("Laden des Modells fehlgeschlagen: something new"));
        QCOMPARE(inWords(errors::insufficientDisk(4'900'000'000, 1'200'000'000)),
                 s("Nicht genügend Speicherplatz. Benötigt werden 4,9 GB, verfügbar sind nur 1,2 GB."));
        QCOMPARE(inWords(s("Nobody knows this sentence.")), s("Nobody knows this sentence."));
    }
    /// English has plurals of its own, and so has every language without a translation.
    void englishAndOthers() {
        for (const char *name : {"en_GB", "fr_FR", "C"}) {
            const Translations translations{QLocale(s(name))};
            QCOMPARE(Closing::tr("%Ln download(s)", nullptr, 1), s("1 download"));
            QCOMPARE(Closing::tr("%Ln download(s)", nullptr, 2), s("2 downloads"));
        }
        QCOMPARE(Closing::tr("%Ln download(s)", nullptr, 2), s("2 download(s)"));
    }
    void fromRightToLeft() {
        Translations translations{QLocale(s("ar_EG"))};
        QCOMPARE(QGuiApplication::layoutDirection(), Qt::RightToLeft);
        translations.speak(QLocale(s("de")));
        QCOMPARE(QGuiApplication::layoutDirection(), Qt::LeftToRight);
        QCOMPARE(Closing::tr("%Ln download(s)", nullptr, 1), s("1 Download"));
        translations.speak(QLocale(s("en")));
        QCOMPARE(Closing::tr("%Ln download(s)", nullptr, 1), s("1 download"));
    }
};

QTEST_MAIN(TestLanguage)
#include "test_language.moc"
