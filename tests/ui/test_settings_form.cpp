#include "core/conversations/conversation_repository.h"
#include "core/storage/database.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/recorded_program.h"
#include "tests/ui/samples.h"

#include <QAbstractItemModelTester>
#include <QSet>
#include <QSignalSpy>
#include <QTest>

using namespace millm;
using namespace Qt::StringLiterals;

class TestSettingsForm : public QObject {
    Q_OBJECT

    struct Rig {
        RecordedActions actions;
        RecordedChat chat;
        Database database{u"sqlite:///:memory:"_s};
        ConversationRepository conversations{database};
        ServerState server;
        RecordedProgram program;
        std::unique_ptr<App> app;
        explicit Rig(const std::function<void(RecordedSettings &)> &change = {}) {
            if (change) change(program.settings);
            app = std::make_unique<App>(actions, chat, conversations, server, program.parts(), AppOptions());
        }
        /// Where a setting stands.
        std::pair<SettingsGroup *, int> find(const QString &key) const {
            for (SettingsGroup *group : app->settings()->groups())
                for (int row = 0; row < group->rowCount(); ++row)
                    if (group->index(row).data(SettingsGroup::KeyRole) == key) return {group, row};
            return {nullptr, -1};
        }
        QVariant data(const QString &key, int role) const {
            const auto [group, row] = find(key);
            return group ? group->index(row).data(role) : QVariant();
        }
    };

private Q_SLOTS:
    void everythingIsSaid() {
        Rig rig;
        int settings = 0;
        for (SettingsGroup *group : rig.app->settings()->groups()) {
            const QAbstractItemModelTester tester(group);
            QVERIFY(!group->title().isEmpty());
            for (int row = 0; row < group->rowCount(); ++row, ++settings) {
                const QModelIndex index = group->index(row);
                QVERIFY(!index.data(SettingsGroup::TitleRole).toString().isEmpty());
                QVERIFY(!index.data(SettingsGroup::EffectRole).toString().isEmpty());
                const bool choice = index.data(SettingsGroup::KindRole).toInt() == int(SettingsGroup::Kind::Choice);
                QCOMPARE(choice, !index.data(SettingsGroup::ChoicesRole).toStringList().isEmpty());
            }
        }
        QVERIFY(settings >= 12);
    }
    void textIsKept() {
        Rig rig;
        const auto [group, row] = rig.find(u"threads"_s);
        group->enter(row, u" 3 "_s);
        QTRY_COMPARE(rig.program.settings.calls, QStringList{u"threads=3"_s});
        QCOMPARE(rig.data(u"threads"_s, SettingsGroup::ValueRole).toString(), u"3"_s);
        group->enter(row, u"3"_s);  // as it is
        group->enter(row, QString());
        QTRY_COMPARE(rig.program.settings.calls, (QStringList{u"threads=3"_s, u"threads="_s}));
    }
    /// Numbers are shown with the locale's signs, and written down as the command line has them.
    void numbersInOtherDigits() {
        QLocale::setDefault(QLocale(u"ar_EG"_s));
        Rig rig;
        const auto [group, row] = rig.find(u"download-limit"_s);
        group->enter(row, u"١٢٫٥"_s);
        QTRY_COMPARE(rig.program.settings.calls, QStringList{u"download-limit=12.5"_s});
        QCOMPARE(rig.data(u"download-limit"_s, SettingsGroup::ValueRole).toString(), u"١٢٫٥"_s);
        const auto [hub, endpoint] = rig.find(u"HF_ENDPOINT"_s);
        hub->enter(endpoint, u"http://127.0.0.1:8080"_s);
        QTRY_COMPARE(rig.data(u"HF_ENDPOINT"_s, SettingsGroup::ValueRole).toString(), u"http://127.0.0.1:8080"_s);
        QLocale::setDefault(QLocale::c());
    }
    void whatIsWrongStaysToBeMended() {
        Rig rig;
        const auto [group, row] = rig.find(u"threads"_s);
        group->enter(row, u"wrong"_s);
        QVERIFY(rig.program.settings.calls.isEmpty());
        QVERIFY(!rig.data(u"threads"_s, SettingsGroup::FaultRole).toString().isEmpty());
        QCOMPARE(rig.data(u"threads"_s, SettingsGroup::ValueRole).toString(), u"wrong"_s);
        group->enter(row, u"2"_s);
        QCOMPARE(rig.data(u"threads"_s, SettingsGroup::FaultRole).toString(), QString());
        rig.program.settings.broken = Error{ErrorCode::Internal, u"the disk is full"_s, {}};
        group->enter(row, u"4"_s);
        QTRY_COMPARE(rig.data(u"threads"_s, SettingsGroup::FaultRole).toString(), u"the disk is full"_s);
        QCOMPARE(rig.data(u"threads"_s, SettingsGroup::ValueRole).toString(), u"4"_s);
    }
    void overriddenIsNamedAndLeftAlone() {
        Rig rig([](RecordedSettings &settings) { settings.entries[u"device"_s] = {u"cpu"_s, {}, u"MILLM_DEVICE"_s}; });
        const auto [group, row] = rig.find(u"device"_s);
        QCOMPARE(rig.data(u"device"_s, SettingsGroup::SetByRole).toString(), u"MILLM_DEVICE"_s);
        QCOMPARE(rig.data(u"device"_s, SettingsGroup::ChoiceRole).toInt(), 1);
        group->choose(row, 0);
        group->enter(row, u"cuda"_s);
        QVERIFY(rig.program.settings.calls.isEmpty());
    }
    void choices() {
        Rig rig([](RecordedSettings &settings) {
            settings.entries[u"device"_s].value = u"cuda:3"_s;  // by hand
            settings.entries[u"dtype"_s].value = u"auto"_s;     // the default, spelled out
        });
        const auto [group, row] = rig.find(u"device"_s);
        QCOMPARE(rig.data(u"device"_s, SettingsGroup::ChoicesRole).toStringList().last(), u"cuda:3"_s);
        QCOMPARE(rig.data(u"device"_s, SettingsGroup::ChoiceRole).toInt(), 3);
        QCOMPARE(rig.data(u"dtype"_s, SettingsGroup::ChoiceRole).toInt(), 0);
        QCOMPARE(rig.data(u"dtype"_s, SettingsGroup::ChoicesRole).toStringList().size(), 4);
        group->choose(row, 1);
        QTRY_COMPARE(rig.program.settings.calls, QStringList{u"device=cpu"_s});
        const auto [demand, at] = rig.find(u"MILLM_LOAD_ON_DEMAND"_s);
        demand->toggle(at, true);
        QTRY_COMPARE(rig.program.settings.calls.last(), u"MILLM_LOAD_ON_DEMAND=1"_s);
        QCOMPARE(rig.data(u"MILLM_LOAD_ON_DEMAND"_s, SettingsGroup::ChoiceRole).toInt(), 1);
        demand->toggle(at, false);
        QTRY_COMPARE(rig.program.settings.calls.last(), u"MILLM_LOAD_ON_DEMAND="_s);
    }
    void modelsToBeginWith() {
        Rig rig;
        QCOMPARE(rig.data(u"AUTO_LOAD_MODEL"_s, SettingsGroup::ChoicesRole).toStringList().size(), 1);
        const auto [group, row] = rig.find(u"AUTO_LOAD_MODEL"_s);
        QSignalSpy changed(group, &SettingsGroup::dataChanged);
        rig.app->models()->setModels({samples::llama()});
        QVERIFY(!changed.isEmpty());
        group->choose(row, 1);
        QTRY_COMPARE(rig.program.settings.calls, QStringList{u"AUTO_LOAD_MODEL="_s + samples::llama().name});
    }
    /// At once, and at the start.
    void quantizationOfTheForm() {
        Rig rig([](RecordedSettings &settings) { settings.entries[u"quantization"_s].value = u"Q8"_s; });
        QCOMPARE(rig.app->downloadForm()->schemes()->shortName(rig.app->downloadForm()->scheme()), u"Q8"_s);
        const auto [group, row] = rig.find(u"quantization"_s);
        group->choose(row, 2);
        QTRY_COMPARE(rig.app->downloadForm()->schemes()->shortName(rig.app->downloadForm()->scheme()), u"FP16"_s);
        group->choose(row, 0);
        QTRY_COMPARE(rig.app->downloadForm()->schemes()->shortName(rig.app->downloadForm()->scheme()), u"Q4"_s);
    }
    /// Whoever is in a box keeps its rows when a value or another box changes.
    void choicesAreToldOnlyWhereTheyChange() {
        Rig rig;
        rig.app->models()->setModels({samples::llama()});
        const auto [group, row] = rig.find(u"AUTO_LOAD_MODEL"_s);
        QSignalSpy changed(group, &SettingsGroup::dataChanged);
        const auto told = [&changed] {
            QSet<int> rows;
            for (const QList<QVariant> &each : changed)
                if (each[2].value<QList<int>>().contains(SettingsGroup::ChoicesRole)) rows << each[0].toModelIndex().row();
            changed.clear();
            return rows;
        };
        group->choose(row, 1);
        QTRY_COMPARE(rig.program.settings.calls.size(), 1);
        (void)told();
        group->choose(row, 0);
        QTRY_COMPARE(rig.program.settings.calls.size(), 2);
        QCOMPARE(told(), QSet<int>());
        rig.app->models()->setModels({samples::llama(), samples::gemma2b()});
        QCOMPARE(told(), QSet<int>{row});
    }
    void keptInTheTray() {
        Rig rig;
        QSignalSpy changed(rig.app->settings(), &SettingsForm::keepInTrayChanged);
        QVERIFY(!rig.app->settings()->keepInTray());
        const auto [group, row] = rig.find(u"MILLM_KEEP_IN_TRAY"_s);
        group->toggle(row, true);
        QTRY_COMPARE(changed.size(), 1);
        QVERIFY(rig.app->settings()->keepInTray());
        Rig told([](RecordedSettings &settings) {
            settings.entries[u"MILLM_KEEP_IN_TRAY"_s] = {u"yes"_s, {}, u"MILLM_KEEP_IN_TRAY"_s};
        });
        QVERIFY(told.app->settings()->keepInTray());
    }
    /// The size of texts and controls counts at once, beside what the desktop wishes.
    void sizeCountsAtOnce() {
        Rig rig;
        Appearance &appearance = *rig.app->appearance();
        QSignalSpy changed(&appearance, &Appearance::changed);
        const auto [group, row] = rig.find(u"scale"_s);
        QCOMPARE(group->index(row).data(SettingsGroup::EffectRole), rig.data(u"threads"_s, SettingsGroup::EffectRole));
        QCOMPARE(appearance.textScale(), 1.0);
        group->choose(row, int(rig.data(u"scale"_s, SettingsGroup::ChoicesRole).toStringList().indexOf(u"150 %"_s)));
        QTRY_COMPARE(appearance.textScale(), 1.5);
        QCOMPARE(changed.size(), 1);
        appearance.desktop().take(u"org.gnome.desktop.interface"_s, u"text-scaling-factor"_s, 1.5);
        QCOMPARE(appearance.textScale(), 2.25);
        group->choose(row, 0);
        QTRY_COMPARE(appearance.textScale(), 1.5);
        const Rig begun([](RecordedSettings &settings) { settings.entries[u"scale"_s] = {u"75"_s, {}, u"MILLM_SCALE"_s}; });
        QCOMPARE(begun.app->appearance()->textScale(), 0.75);
    }
    /// Models of an earlier folder can follow.
    void gathersModels() {
        Rig rig;
        Gathering &gathering = *rig.app->gathering();
        QCOMPARE(gathering.words(), QString());
        rig.actions.lying = {2, 4'200'000'000};
        const auto [group, row] = rig.find(u"model-cache-dir"_s);
        group->enter(row, u"/other/place"_s);
        QTRY_COMPARE(gathering.count(), 2);
        QVERIFY2(gathering.words().contains(u"4.2 GB"_s), qPrintable(gathering.words()));
        gathering.start();
        gathering.start();
        QVERIFY(gathering.moving());
        QCOMPARE(rig.actions.gathered.size(), 1);
        gathering.setProgress(1, 4);
        QCOMPARE(gathering.progress(), 25.0);
        gathering.cancel();
        QCOMPARE(rig.actions.calls.last(), u"stopGathering"_s);
        rig.actions.gathered.last().answer(Error{ErrorCode::Cancelled, u"stopped"_s, {}});
        QTRY_VERIFY(!gathering.moving());
        QCOMPARE(gathering.failure(), QString());
        gathering.start();
        rig.actions.gathered.last().answer(Error{ErrorCode::ModelBusy, u"one is loaded"_s, {}});
        QTRY_COMPARE(gathering.failure(), u"one is loaded"_s);
        gathering.start();
        QCOMPARE(gathering.failure(), QString());
        rig.actions.lying = {};
        rig.actions.gathered.last().answer(2);
        QTRY_COMPARE(gathering.count(), 0);
    }
    void tokenIsNeverKept() {
        Rig rig;
        rig.app->settings()->setToken(u" hf_secret \n"_s);
        QCOMPARE(rig.program.settings.token, u"hf_secret"_s);
        QVERIFY(rig.program.settings.calls.isEmpty());
    }
};

QTEST_MAIN(TestSettingsForm)
#include "test_settings_form.moc"
