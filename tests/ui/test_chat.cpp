#include "core/base/errors.h"
#include "core/conversations/conversation_repository.h"
#include "core/storage/database.h"
#include "tests/support/waiting.h"
#include "tests/ui/recorded_actions.h"
#include "ui/chat.h"
#include "ui/toast_list.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;
using namespace Qt::StringLiterals;
using Piece = ChatTranscript::Piece;

class TestChat : public QObject {
    Q_OBJECT

    /// The chat over a real database and a partner whose words the test chooses.
    struct Parts {
        Database database{u"sqlite:///:memory:"_s};
        ConversationRepository kept{database};
        ToastList toasts;
        RecordedChat backend;
        Chat chat{backend, kept, toasts};
        QAbstractItemModelTester transcriptTester{chat.transcript(), QAbstractItemModelTester::FailureReportingMode::Fatal};
        QAbstractItemModelTester listTester{chat.conversations(), QAbstractItemModelTester::FailureReportingMode::Fatal};

        explicit Parts(ModelUse use = ModelUse::Chat) {
            if (!testing::answer(database.open())) qFatal("no database");
            chat.conversations()->reload();
            chat.setModel(u"gemma-2-2b"_s, use, 8192);
        }
        QList<Turn> shown() const {
            QList<Turn> turns;
            for (const int number : chat.conversation().path()) turns << *chat.conversation().turn(number);
            return turns;
        }
        Turn last() const { return shown().last(); }
        const GenerationRequest &request() { return backend.requests.last().second; }
        QJsonArray sent() { return std::get<ChatInput>(request().input).messages; }
        void exchange(const QString &question, const QString &answer) {
            QVERIFY(chat.send(question));
            backend.say(answer);
            backend.end(engine::FinishReason::Stop, 4, 2);
        }
        QVariant row(int row, int role) { return chat.transcript()->index(row).data(role); }
        QStringList texts() {
            QStringList all;
            for (int i = 0; i < chat.transcript()->rowCount(); ++i)
                if (row(i, ChatTranscript::PieceRole).value<Piece>() != Piece::End)
                    all << row(i, ChatTranscript::TextRole).toString();
            return all;
        }
        QStringList titles() {
            QStringList all;
            for (int i = 0; i < chat.conversations()->rowCount(); ++i)
                all << chat.conversations()->index(i).data(ConversationList::TitleRole).toString();
            return all;
        }
        qint64 id(int row) { return chat.conversations()->index(row).data(ConversationList::ConversationIdRole).toLongLong(); }
    };

private Q_SLOTS:
    void sendsNothingWithoutAModel() {
        Parts p;
        p.chat.setModel({}, ModelUse::Chat);
        QVERIFY(!p.chat.send(u"Hello"_s));
        QVERIFY(p.backend.requests.isEmpty());
        p.chat.setModel(u"m"_s, ModelUse::Chat);
        QVERIFY(!p.chat.send(u"  \n"_s));
    }
    void conversationOfSeveralTurns() {
        Parts p;
        p.chat.options()->setTemperature(0.2);
        p.chat.options()->setTopP(0.9);
        p.chat.options()->setTopK(40);
        p.chat.options()->setMinP(0.05);
        p.chat.options()->setSeed(u"18446744073709551615"_s);
        p.chat.options()->setMaxTokens(33);
        p.chat.options()->setSystem(u"Be short."_s);
        QVERIFY(p.chat.send(u"Hello"_s));
        QVERIFY(p.chat.busy());
        QVERIFY(!p.chat.send(u"too early"_s));
        QCOMPARE(p.request().sampling.temperature, 0.2);
        QCOMPARE(p.request().sampling.top_p, 0.9);
        QCOMPARE(p.request().sampling.top_k, 40);
        QCOMPARE(p.request().sampling.min_p, 0.05);
        QCOMPARE(p.request().sampling.seed, std::optional(~std::uint64_t(0)));
        QCOMPARE(p.request().stop.max_new_tokens, 33);
        p.backend.say(u"Hi "_s);
        p.backend.say(u"there"_s);
        QVERIFY(p.row(p.chat.transcript()->rowCount() - 1, ChatTranscript::StreamingRole).toBool());
        p.backend.end(engine::FinishReason::Stop, 4, 2);
        QVERIFY(!p.chat.busy());
        QCOMPARE(p.last().text, u"Hi there"_s);
        QCOMPARE(p.last().model, u"gemma-2-2b"_s);
        const QString note = p.row(p.chat.transcript()->rowCount() - 1, ChatTranscript::NoteRole).toString();
        QVERIFY2(note.contains(u"2.0 tokens/s") && note.contains(u"first after") && note.contains(u"of 8,192"),
                 qPrintable(note));
        p.chat.send(u"And?"_s);
        QCOMPARE(p.sent().size(), 4);
        QCOMPARE(p.sent()[0]["role"_L1].toString(), u"system"_s);
        QCOMPARE(p.sent()[2]["role"_L1].toString(), u"assistant"_s);
        QCOMPARE(p.sent()[2]["content"_L1].toString(), u"Hi there"_s);
    }
    /// Words that come faster than one reads are shown together, and none is lost.
    void manyWords() {
        Parts p;
        p.chat.send(u"Hello"_s);
        QSignalSpy changes(p.chat.transcript(), &QAbstractItemModel::dataChanged);
        for (int i = 0; i < 500; ++i) p.backend.say(u"word "_s);
        QVERIFY2(changes.size() < 100, qPrintable(QString::number(changes.size())));
        QTRY_COMPARE(p.chat.conversation().turn(2)->text.size(), 2500);
        p.backend.end(engine::FinishReason::Stop, 4, 2);
        QCOMPARE(p.last().text, u"word "_s.repeated(500));
    }
    void reasoningIsApart() {
        Parts p;
        p.chat.send(u"Hello"_s);
        QVERIFY(p.request().showsMarks);
        p.backend.begin(false);
        p.backend.say(u"<think>Who is"_s);
        p.backend.say(u" that?</think>\n\nHi"_s);
        p.backend.end(engine::FinishReason::Stop, 4, 2);
        QCOMPARE(p.last().reasoning, u"Who is that?"_s);
        QCOMPARE(p.last().text, u"Hi"_s);
        QCOMPARE(p.texts(), (QStringList{u"Hello"_s, u""_s, u"Hi"_s}));  // folded away
        p.chat.transcript()->unfold(2, true);
        QCOMPARE(p.texts(), (QStringList{u"Hello"_s, u""_s, u"Who is that?"_s, u"Hi"_s}));
        QVERIFY(p.row(2, ChatTranscript::UnfoldedRole).toBool());
        p.chat.transcript()->unfold(2, false);
        QCOMPARE(p.texts(), (QStringList{u"Hello"_s, u""_s, u"Hi"_s}));
        p.chat.send(u"And?"_s);
        QCOMPARE(p.sent()[1]["content"_L1].toString(), u"Hi"_s);
        p.backend.begin(true);
        p.backend.say(u"Hm"_s);
        p.chat.stop();
        p.backend.end(engine::FinishReason::Cancelled, 1, 0);
        QCOMPARE(p.last().reasoning, u"Hm"_s);
        QVERIFY(p.last().text.isEmpty());
    }
    /// However long it is, no row of it is: also while it comes, seen or not.
    void longReasoning() {
        Parts p;
        p.chat.send(u"Hello"_s);
        p.backend.begin(true);
        const QString line = u"First one thinks of this, then of that, and of what follows from both.\n"_s;
        const auto thoughts = [&p] {
            QStringList all;
            for (int i = 0; i < p.chat.transcript()->rowCount(); ++i)
                if (p.row(i, ChatTranscript::PieceRole).value<Piece>() == Piece::Thought)
                    all << p.row(i, ChatTranscript::TextRole).toString();
            return all;
        };
        p.backend.say(line.repeated(2000));
        QTRY_COMPARE(p.row(2, ChatTranscript::PieceRole).value<Piece>(), Piece::Reasoning);
        QVERIFY(thoughts().isEmpty());
        p.chat.transcript()->unfold(2, true);
        for (int i = 0; i < 20; ++i) p.backend.say(line.repeated(110));
        p.backend.say(u"</think>So."_s);
        p.backend.end(engine::FinishReason::Stop, 4, 2);
        QCOMPARE(thoughts().join(u'\n'), line.repeated(4200).chopped(1));
        for (const QString &text : thoughts()) QVERIFY2(text.size() < 9000, qPrintable(QString::number(text.size())));
        QCOMPARE(p.texts().last(), u"So."_s);
        QVERIFY(p.row(p.chat.transcript()->rowCount() - 3, ChatTranscript::ClosingRole).toBool());
        QVERIFY(!p.row(3, ChatTranscript::ClosingRole).toBool());
    }
    void blocksOfAnAnswer() {
        Parts p;
        p.exchange(u"*not* Markdown"_s, u"So:\n\n```c\nint a;\n```\nand *so*."_s);
        const auto *rows = p.chat.transcript();
        QCOMPARE(rows->rowCount(), 6);
        QCOMPARE(p.row(0, ChatTranscript::PieceRole).value<Piece>(), Piece::Plain);
        QCOMPARE(p.row(0, ChatTranscript::TextRole).toString(), u"*not* Markdown"_s);
        QCOMPARE(p.row(3, ChatTranscript::PieceRole).value<Piece>(), Piece::Code);
        QCOMPARE(p.row(3, ChatTranscript::LanguageRole).toString(), u"c"_s);
        QVERIFY(p.row(2, ChatTranscript::OpeningRole).toBool());
        QVERIFY(!p.row(2, ChatTranscript::ClosingRole).toBool());
        QVERIFY(p.row(4, ChatTranscript::ClosingRole).toBool());
        p.chat.copyCode(3);
        QCOMPARE(QGuiApplication::clipboard()->text(), u"int a;"_s);
        p.chat.copyTurn(2);
        QCOMPARE(QGuiApplication::clipboard()->text(), u"So:\n\n```c\nint a;\n```\nand *so*."_s);
    }
    void stop() {
        Parts p;
        p.chat.send(u"Hello"_s);
        p.backend.say(u"Once"_s);
        p.chat.stop();
        QCOMPARE(p.backend.cancelled.size(), 1);
        QVERIFY(p.chat.busy());  // until the backend says so
        p.backend.end(engine::FinishReason::Cancelled, 1, 0);
        QVERIFY(!p.chat.busy());
        QCOMPARE(p.last().figures.end, AnswerFigures::End::Stopped);
        QCOMPARE(p.last().text, u"Once"_s);
    }
    void failureIsInline() {
        Parts p;
        p.chat.send(u"Hello"_s);
        p.backend.fail(errors::notLoaded(3));
        QCOMPARE(p.last().failure, errors::notLoaded(3).message);
        p.chat.send(u"Again"_s);
        QCOMPARE(p.sent().size(), 1);  // the turn that failed is left out
        QCOMPARE(p.sent()[0]["content"_L1].toString(), u"Again"_s);
    }
    /// A program that ended in the middle leaves a question without an answer.
    void aQuestionThatStayedAlone() {
        Parts p;
        p.chat.options()->setSystem(u"Be short."_s);
        p.exchange(u"one"_s, u"first"_s);
        QTRY_VERIFY(p.chat.conversations()->current() != 0);
        const qint64 id = p.chat.conversations()->current();
        p.chat.startNew();
        QVERIFY(testing::answer(p.kept.save(id, {.number = 3, .parent = 2, .fromPerson = true, .text = u"alone"_s})).ok());
        Conversation read = *testing::answer(p.kept.read(id));
        read.show(3);
        QVERIFY(testing::answer(p.kept.update(read)).ok());
        p.chat.open(id);
        QTRY_COMPARE(p.texts().size(), 3);
        QVERIFY(p.chat.send(u"again"_s));
        QStringList roles;
        for (const QJsonValue &message : p.sent()) roles << message["role"_L1].toString();
        QCOMPARE(roles, (QStringList{u"system"_s, u"user"_s, u"assistant"_s, u"user"_s}));
        QCOMPARE(p.sent().last()["content"_L1].toString(), u"again"_s);
    }
    void anAnswerMadeAnew() {
        Parts p;
        p.exchange(u"one"_s, u"first"_s);
        p.exchange(u"two"_s, u"second"_s);
        p.chat.regenerate(2);
        QCOMPARE(p.sent().size(), 1);
        p.backend.say(u"other"_s);
        p.backend.end(engine::FinishReason::Stop, 1, 1);
        QCOMPARE(p.texts(), (QStringList{u"one"_s, u"other"_s}));
        const int end = p.chat.transcript()->rowCount() - 1;
        QCOMPARE(p.row(end, ChatTranscript::PlaceRole).toInt(), 2);
        QCOMPARE(p.row(end, ChatTranscript::PlacesRole).toInt(), 2);
        p.chat.showSibling(5, -1);
        QCOMPARE(p.texts(), (QStringList{u"one"_s, u"first"_s, u"two"_s, u"second"_s}));
        p.chat.showSibling(2, -1);  // there is none
        QCOMPARE(p.texts().size(), 4);
    }
    void aQuestionEdited() {
        Parts p;
        p.exchange(u"one"_s, u"first"_s);
        p.exchange(u"two"_s, u"second"_s);
        QCOMPARE(p.chat.edit(2), QString());  // an answer is not edited
        QCOMPARE(p.chat.edit(3), u"two"_s);
        QCOMPARE(p.chat.editing(), 3);
        QVERIFY(p.chat.send(u"zwei"_s));
        QCOMPARE(p.chat.editing(), 0);
        QCOMPARE(p.sent().size(), 3);
        QCOMPARE(p.sent()[2]["content"_L1].toString(), u"zwei"_s);
        p.backend.end(engine::FinishReason::Stop, 1, 1);
        p.chat.showSibling(5, -1);
        QCOMPARE(p.texts(), (QStringList{u"one"_s, u"first"_s, u"two"_s, u"second"_s}));
    }
    void goesOnWithWhatWasCut() {
        Parts p;
        p.chat.send(u"Count"_s);
        p.backend.say(u"one two"_s);
        QVERIFY(!p.chat.canGoOn(2));
        p.backend.end(engine::FinishReason::Length, 2, 1);
        QVERIFY(p.chat.canGoOn(2));
        p.chat.goOn();
        const auto &input = std::get<ChatInput>(p.request().input);
        QVERIFY(input.continuesLast && !input.addGenerationPrompt);
        QCOMPARE(input.messages.last()["content"_L1].toString(), u"one two"_s);
        p.backend.say(u" three"_s);
        p.backend.end(engine::FinishReason::Stop, 1, 1);
        QCOMPARE(p.last().text, u"one two three"_s);
        QCOMPARE(p.last().figures.tokens, 3);
        QVERIFY(!p.chat.canGoOn(2));
    }
    void completionWithoutTemplate() {
        Parts p(ModelUse::Completion);
        p.chat.send(u"Once upon a time "_s);
        QCOMPARE(std::get<TextInput>(p.request().input).text, u"Once upon a time "_s);
        p.backend.say(u"# not a title"_s);
        p.backend.end(engine::FinishReason::Length, 2, 1);
        QCOMPARE(p.row(2, ChatTranscript::PieceRole).value<Piece>(), Piece::Plain);
        p.chat.goOn();
        QCOMPARE(std::get<TextInput>(p.request().input).text, u"Once upon a time # not a title"_s);
    }
    void anEncoderHasNothingToSay() {
        Parts p(ModelUse::Embeddings);
        QVERIFY(p.chat.embeds());
        QVERIFY(!p.chat.ready());
        QVERIFY(!p.chat.send(u"Hello"_s));
        p.chat.setModel({}, ModelUse::Chat);
        QVERIFY(!p.chat.embeds());
    }
    /// The conversation outlives its model, and says why an answer ends.
    void theModelGoes() {
        Parts p;
        p.chat.send(u"Hello"_s);
        p.backend.say(u"Hi"_s);
        p.chat.setModel({}, ModelUse::Chat);
        p.backend.end(engine::FinishReason::Cancelled, 1, 1);
        QCOMPARE(p.last().figures.end, AnswerFigures::End::Unloaded);
        QVERIFY(!p.chat.ready());
        p.chat.setModel(u"other"_s, ModelUse::Chat);
        QCOMPARE(p.texts().size(), 2);
        p.exchange(u"And?"_s, u"So"_s);
        QCOMPARE(p.sent().size(), 3);
        QCOMPARE(p.last().model, u"other"_s);
    }
    void isKept() {
        Parts p;
        QTRY_COMPARE(p.chat.conversations()->face(), ConversationList::Face::Empty);
        p.chat.options()->setSystem(u"Be short."_s);
        // The second question comes before the database has told the first one's number.
        p.exchange(u"Why does the sky look blue?"_s, u"Air."_s);
        p.exchange(u"And red?"_s, u"More air."_s);
        QTRY_COMPARE(p.titles(), QStringList{u"Why does the sky look blue?"_s});
        p.chat.startNew();
        QVERIFY(p.texts().isEmpty());
        QVERIFY(p.chat.options()->system().isEmpty());
        p.exchange(u"Another"_s, u"Yes."_s);
        QTRY_COMPARE(p.titles(), (QStringList{u"Another"_s, u"Why does the sky look blue?"_s}));
        p.chat.open(p.id(1));
        QTRY_COMPARE(p.texts(), (QStringList{u"Why does the sky look blue?"_s, u"Air."_s, u"And red?"_s, u"More air."_s}));
        QCOMPARE(p.chat.options()->system(), u"Be short."_s);
        QVERIFY(p.chat.conversations()->index(1).data(ConversationList::CurrentRole).toBool());
        p.chat.options()->setTopK(7);  // which makes it the newest
        p.chat.open(p.id(1));
        QTRY_COMPARE(p.texts().size(), 2);
        p.chat.open(p.id(0));
        QTRY_COMPARE(p.texts().size(), 4);
        QCOMPARE(p.chat.options()->topK(), 7);
        // Whoever reads the database finds it whole, as a second start does.
        const auto read = testing::answer(p.kept.read(p.chat.conversations()->current()));
        QCOMPARE(read->turns().size(), 4);
        QCOMPARE(read->turns().last().text, u"More air."_s);
        QVERIFY(p.toasts.rowCount() == 0);
    }
    void listOfConversations() {
        Parts p;
        for (const QString &question : {u"apples"_s, u"pears"_s, u"plums"_s}) {
            p.chat.startNew();
            p.exchange(question, u"Yes, "_s + question);
        }
        QTRY_COMPARE(p.titles().size(), 3);
        p.chat.conversations()->setSearch(u"PEARS"_s);
        QTRY_COMPARE(p.titles(), QStringList{u"pears"_s});
        p.chat.conversations()->setSearch({});
        QTRY_COMPARE(p.titles().size(), 3);
        p.chat.conversations()->rename(p.id(0), u"  red \n plums "_s);
        QTRY_COMPARE(p.titles()[0], u"red plums"_s);
        QCOMPARE(p.chat.title(), u"red plums"_s);
        p.chat.conversations()->remove(p.id(0));
        QTRY_COMPARE(p.titles(), (QStringList{u"pears"_s, u"apples"_s}));
        QVERIFY(p.texts().isEmpty());  // the one that was open
        QVERIFY(p.chat.title().isEmpty());
    }
    void leavingEndsTheAnswer() {
        Parts p;
        p.chat.send(u"Hello"_s);
        p.backend.say(u"Once"_s);
        p.chat.startNew();
        QVERIFY(!p.chat.busy());
        QCOMPARE(p.backend.cancelled.size(), 1);
        p.backend.say(u"late"_s);
        p.backend.end(engine::FinishReason::Cancelled, 1, 0);
        QCOMPARE(p.chat.transcript()->rowCount(), 0);
        QTRY_COMPARE(p.titles().size(), 1);
        p.chat.open(p.id(0));
        QTRY_COMPARE(p.texts(), (QStringList{u"Hello"_s, u"Once"_s}));
        QCOMPARE(p.last().figures.end, AnswerFigures::End::Stopped);
    }
    void whatCannotBeKeptIsSaid() {
        Database nowhere(u"sqlite:///proc/none/x.db"_s);
        ConversationRepository kept(nowhere);
        ToastList toasts;
        RecordedChat backend;
        Chat chat(backend, kept, toasts);
        chat.setModel(u"m"_s, ModelUse::Chat);
        chat.conversations()->reload();
        QTRY_COMPARE(chat.conversations()->face(), ConversationList::Face::Error);
        QVERIFY(chat.send(u"Hello"_s));
        backend.say(u"Hi"_s);
        backend.end(engine::FinishReason::Stop, 1, 1);
        QTRY_VERIFY(toasts.rowCount() > 0);
        QCOMPARE(chat.transcript()->turnCount(), 2);  // it is there nevertheless
    }
    void exportsWhatIsShown() {
        Parts p;
        p.exchange(u"../Why: \"so\"?"_s, u"Air."_s);
        QCOMPARE(p.chat.fileName(u"md"_s), u"_Why_ _so_.md"_s);
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"a.json"_s);
        p.chat.exportTo(QUrl::fromLocalFile(path));
        QTRY_VERIFY(QFile::exists(path));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(QJsonDocument::fromJson(file.readAll())["messages"_L1].toArray().size(), 2);
        // The form that was chosen beside the name that was proposed.
        const QUrl proposed = QUrl::fromLocalFile(folder.filePath(p.chat.fileName(u"md"_s)));
        for (const QString &name : {u"_Why_ _so_.json"_s, u"_Why_ _so_ 2.json"_s}) {
            p.chat.exportTo(proposed, u"json"_s);
            QTRY_VERIFY(QFile::exists(folder.filePath(name)));
        }
        QVERIFY(!QFile::exists(proposed.toLocalFile()));
        p.chat.exportTo(proposed, u"md"_s);
        QTRY_VERIFY(QFile::exists(proposed.toLocalFile()));
        p.chat.exportTo(QUrl::fromLocalFile(folder.filePath(u"b.md"_s)), u"json"_s);
        QTRY_VERIFY2(QFile::exists(folder.filePath(u"b.md"_s)), "a name of one's own holds");
        p.chat.exportTo(QUrl::fromLocalFile(folder.filePath(u"no/such/a.md"_s)));
        QTRY_VERIFY(p.toasts.index(p.toasts.rowCount() - 1).data(ToastList::TextRole).toString().contains(u"a.md cannot be"));
    }
    /// Screen readers get each word once, by the sentence.
    void spokenBySentence() {
        Parts p;
        QSignalSpy spoken(&p.chat, &Chat::spoken);
        p.chat.send(u"Hello"_s);
        p.backend.say(u"It is so. And "_s);
        QTRY_COMPARE(spoken.size(), 1);
        QCOMPARE(spoken[0][0].toString(), u"It is so."_s);
        p.backend.say(u"so"_s);
        p.backend.end(engine::FinishReason::Stop, 4, 2);
        QCOMPARE(spoken.size(), 2);
        QCOMPARE(spoken[1][0].toString(), u"And so"_s);
        p.chat.send(u"Again"_s);
        p.backend.fail(errors::notLoaded(3));
        QCOMPARE(spoken.size(), 3);
        QVERIFY(spoken[2][1].toBool());
    }
    void limits() {
        Parts p;
        p.chat.options()->setTemperature(7);
        QCOMPARE(p.chat.options()->temperature(), 2.0);
        p.chat.options()->setMaxTokens(0);
        QCOMPARE(p.chat.options()->maxTokens(), 1);
        p.chat.options()->setSeed(u"12"_s);
        p.chat.options()->setSeed(u"-3"_s);
        QCOMPARE(p.chat.options()->seed(), u"12"_s);
        p.chat.options()->setSeed({});
        QVERIFY(!p.chat.options()->value().seed);
    }
};

QTEST_MAIN(TestChat)
#include "test_chat.moc"
