#pragma once

#include "core/base/error.h"
#include "core/base/worker_thread.h"
#include "core/conversations/conversation.h"
#include "core/inference/requests.h"
#include "ui/answer_stream.h"
#include "ui/chat_options.h"
#include "ui/chat_transcript.h"
#include "ui/conversation_list.h"

#include <QObject>
#include <QString>
#include <QUrl>
#include <QtQmlIntegration>

#include <memory>

namespace millm {

class ChatBackend;
class ConversationRepository;
class ToastList;

/// The page that talks to the loaded model: a conversation where it has a chat template, plain completions where not, nothing
/// where it is an encoder. What is said is kept as it is said. GUI thread.
class Chat : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(millm::ChatTranscript *transcript READ transcript CONSTANT FINAL)
    Q_PROPERTY(millm::ChatOptions *options READ options CONSTANT FINAL)
    Q_PROPERTY(millm::ConversationList *conversations READ conversations CONSTANT FINAL)
    Q_PROPERTY(QString title READ title NOTIFY titleChanged FINAL)
    Q_PROPERTY(QString modelName READ modelName NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool ready READ ready NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool conversing READ conversing NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool embeds READ embeds NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged FINAL)
    Q_PROPERTY(int editing READ editing NOTIFY editingChanged FINAL)
public:
    Chat(ChatBackend &backend, ConversationRepository &kept, ToastList &toasts, QObject *parent = nullptr);

    ChatTranscript *transcript() { return &m_transcript; }
    ChatOptions *options() { return &m_options; }
    ConversationList *conversations() { return &m_list; }
    QString title() const { return m_now->title; }  ///< empty: nothing was said yet
    QString modelName() const { return m_modelName; }
    bool ready() const { return !m_modelName.isEmpty() && m_use != ModelUse::Embeddings; }
    bool conversing() const { return m_use == ModelUse::Chat; }                              ///< the model has a chat template
    bool embeds() const { return !m_modelName.isEmpty() && m_use == ModelUse::Embeddings; }  ///< it has no text to show
    bool busy() const { return m_ticket != 0; }
    int editing() const { return m_editing; }  ///< the turn that send() will replace; 0: none
    const Conversation &conversation() const { return *m_now; }

    /// Says it behind what is shown, or in place of the turn that is being edited. False where there is nothing to send or no
    /// one to answer.
    Q_INVOKABLE bool send(const QString &text);
    Q_INVOKABLE void stop();
    Q_INVOKABLE void startNew();
    Q_INVOKABLE void open(qint64 id);
    /// Another answer to the same question; both stay.
    Q_INVOKABLE void regenerate(int turn);
    /// Goes on with an answer that was cut.
    Q_INVOKABLE void goOn();
    Q_INVOKABLE bool canGoOn(int turn) const;
    /// The text of a turn, to be changed and sent in its place.
    Q_INVOKABLE QString edit(int turn);
    Q_INVOKABLE void endEditing();
    /// Shows the turn `step` places further among its siblings, and what follows it.
    Q_INVOKABLE void showSibling(int turn, int step);
    Q_INVOKABLE void copyTurn(int turn);
    Q_INVOKABLE void copyCode(int row);
    /// JSON where its name ends so, else Markdown. Who left the name as fileName("md") proposes it gets the form that `ending`
    /// says, in a file that was not there.
    Q_INVOKABLE void exportTo(const QUrl &file, const QString &ending = {});
    Q_INVOKABLE QString fileName(const QString &ending) const;

public Q_SLOTS:
    /// The loaded model; an empty name where there is none.
    void setModel(const QString &name, millm::ModelUse use, qint64 contextLength = 0);

Q_SIGNALS:
    void titleChanged();
    void modelChanged();
    void busyChanged();
    void editingChanged();
    void spoken(const QString &text, bool failure);  ///< the answer by sentences, for screen readers

private:
    using Kept = std::shared_ptr<Conversation>;

    void ask(int parent, bool goesOn);
    QJsonArray messages(int end) const;
    void onStarted(quint64 ticket, bool opensReasoning);
    void onChunk(quint64 ticket, const QString &text);
    void onFinished(quint64 ticket, const millm::GenerationSummary &summary);
    void onFailed(quint64 ticket, const millm::Error &error);
    void end(AnswerFigures figures, const QString &failure);
    void leave();
    void enter(const Kept &conversation);
    void keep(int turn);
    void keepHead();
    void copy(const QString &text, const QString &told);
    void complain(const Error &error);

    ChatBackend &m_backend;
    ConversationRepository &m_kept;
    ToastList &m_toasts;
    ChatTranscript m_transcript;
    ChatOptions m_options;
    ConversationList m_list;
    Kept m_now = std::make_shared<Conversation>();  ///< the answers of the database find it also when it is shown no more
    Kept m_inserting;                               ///< its number is on the way
    AnswerStream m_stream;                          ///< of the answer under way
    QString m_modelName;
    ModelUse m_use = ModelUse::Chat;
    qint64 m_contextLength = 0;
    quint64 m_ticket = 0, m_lastTicket = 0;  ///< 0 = none under way
    quint64 m_opening = 0;                   ///< the newest open()
    int m_editing = 0;
    bool m_stopped = false;   ///< by the person
    AnswerFigures m_before;   ///< of the answer that goes on
    bool m_entering = false;  ///< options change because another conversation is shown
    WorkerThread m_files{QStringLiteral("export")};
};

}  // namespace millm
