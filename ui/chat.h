#pragma once

#include "core/base/error.h"
#include "core/inference/answer_parser.h"
#include "core/inference/requests.h"
#include "ui/chat_messages.h"

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

class ChatBackend;

/// The page that tries the loaded model: a conversation where it has a chat template, plain completions where not, nothing
/// where it is an encoder. GUI thread.
class Chat : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(millm::ChatMessages *messages READ messages CONSTANT FINAL)
    Q_PROPERTY(QString modelName READ modelName NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool ready READ ready NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool conversing READ conversing NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool embeds READ embeds NOTIFY modelChanged FINAL)
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged FINAL)
    Q_PROPERTY(double temperature READ temperature WRITE setTemperature NOTIFY temperatureChanged FINAL)
    Q_PROPERTY(int maxTokens READ maxTokens WRITE setMaxTokens NOTIFY maxTokensChanged FINAL)
public:
    explicit Chat(ChatBackend &backend, QObject *parent = nullptr);

    ChatMessages *messages() { return &m_messages; }
    QString modelName() const { return m_modelName; }
    bool ready() const { return !m_modelName.isEmpty() && m_use != ModelUse::Embeddings; }
    bool conversing() const { return m_use == ModelUse::Chat; }                              ///< the model has a chat template
    bool embeds() const { return !m_modelName.isEmpty() && m_use == ModelUse::Embeddings; }  ///< it has no text to show
    bool busy() const { return m_ticket != 0; }
    double temperature() const { return m_temperature; }  ///< 0-2
    void setTemperature(double temperature);
    int maxTokens() const { return m_maxTokens; }  ///< of one answer, 1-8192
    void setMaxTokens(int tokens);

    Q_INVOKABLE bool send(const QString &text);  ///< false where there is nothing to send or no one to answer
    Q_INVOKABLE void stop();
    Q_INVOKABLE void clear();

public Q_SLOTS:
    /// The loaded model; an empty name where there is none. Another model begins another conversation.
    void setModel(const QString &name, millm::ModelUse use);

Q_SIGNALS:
    void modelChanged();
    void busyChanged();
    void temperatureChanged();
    void maxTokensChanged();
    void answered(const QString &text);  ///< the whole answer, for screen readers

private:
    void onStarted(quint64 ticket, bool opensReasoning);
    void onChunk(quint64 ticket, const QString &text);
    void onFinished(quint64 ticket, const millm::GenerationSummary &summary);
    void onFailed(quint64 ticket, const millm::Error &error);
    void tell(const std::vector<AnswerPart> &parts);
    void end(const QString &note, const QString &failure);

    ChatBackend &m_backend;
    ChatMessages m_messages;
    AnswerParser m_parser{AnswerOptions()};  ///< of the answer under way
    QString m_modelName;
    ModelUse m_use = ModelUse::Chat;
    quint64 m_ticket = 0, m_lastTicket = 0;  ///< 0 = none under way
    double m_temperature = 0.7;
    int m_maxTokens = 512;
};

}  // namespace millm
