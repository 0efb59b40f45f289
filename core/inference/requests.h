#pragma once

#include "core/engine/generation/options.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>

#include <optional>
#include <variant>
#include <vector>

namespace millm {

/// What a loaded model is asked for: an encoder makes embeddings alone.
enum class ModelUse : quint8 { Chat, Completion, Embeddings };

/// Messages for the model's chat template, and what else the template is given ("enable_thinking"…).
struct ChatInput {
    QJsonArray messages;
    QJsonObject variables;
    bool addGenerationPrompt = true;
    bool continuesLast = false;  ///< the answer goes on with the last message, which is the assistant's; no generation prompt
    QJsonArray tools = {};       ///< OpenAI's list; empty: there are none
    /// The client's JSON that these were read from: the template sees members in its order, not in QJsonObject's. Its `tools`
    /// stand one for one, whatever they are wrapped in, and so do its `messages` where it is said. Empty where there is none.
    QByteArray written = {};
    bool writtenMessages = true;
};
struct TextInput {
    QString text;
    bool addSpecialTokens = true;
};
struct TokenInput {
    QList<qint32> ids;
};
using PromptInput = std::variant<ChatInput, TextInput, TokenInput>;

/// What the text of an answer must be.
struct AnswerForm {
    QString field;  ///< of the request that asks for it, for errors: "response_format"
    engine::Grammar::Kind kind = engine::Grammar::Kind::JsonSchema;
    QByteArray text;          ///< a JSON schema, a regular expression, a grammar
    bool strict = false;      ///< a schema with a part that cannot be held is refused
    QByteArray written = {};  ///< the request in which a schema stands in its author's order; empty: `text` is all there is
    QStringList path = {};    ///< where it stands there
};

/// What of its tools a chat may call.
struct CallChoice {
    bool forced = false;   ///< the answer is calls and nothing else
    QString name = {};     ///< with forced: of this one, and once; empty: of any
    bool parallel = true;  ///< false: at most one
};

/// One request to continue one prompt.
struct GenerationRequest {
    PromptInput input;
    engine::SamplingOptions sampling;
    engine::StopConditions stop;
    int topLogprobs = -1;  ///< -1 none, 0 the chosen token's only
    bool promptLogprobs = false;
    bool skipSpecialTokens = true;
    std::optional<AnswerForm> form = {};
    CallChoice calls = {};    ///< of a ChatInput's tools
    bool showsMarks = false;  ///< the special tokens by which AnswerParser tells an answer's parts apart are text
};

struct TokenScore {
    qint32 id = 0;
    QByteArray bytes;  ///< the token's own, not always whole UTF-8 characters
    float logprob = 0;
};

struct ScoredToken : TokenScore {
    QList<TokenScore> top;
};

/// What one engine step made for one request.
struct TokenChunk {
    QString text;               ///< whole characters, stop strings cut away; may be empty
    QList<ScoredToken> tokens;  ///< scores only where the request asked for them
};

/// Texts to make vectors of.
struct EmbeddingRequest {
    QList<PromptInput> inputs;
};

/// The vectors of an EmbeddingRequest's texts, each of length one.
struct Embeddings {
    std::vector<std::vector<float>> vectors;
    qint64 promptTokens = 0;
};

/// The end of a request.
struct GenerationSummary {
    engine::FinishReason reason = engine::FinishReason::None;
    QString stopString;
    qint64 promptTokens = 0, completionTokens = 0;
    qint64 reusedTokens = 0;    ///< of the prompt, those that another request had computed
    QList<ScoredToken> prompt;  ///< with promptLogprobs
    double queueSeconds = 0;    ///< tokenized, until its prompt was begun
    double prefillSeconds = 0;  ///< tokenized, until the first token: the queue's time among it
    double decodeSeconds = 0;
    qint64 masks = 0;        ///< tokens that a grammar had a say in
    double maskSeconds = 0;  ///< that it took for them

    static GenerationSummary cancelled() {
        GenerationSummary summary;
        summary.reason = engine::FinishReason::Cancelled;
        return summary;
    }
};

}  // namespace millm

Q_DECLARE_METATYPE(millm::TokenChunk)
Q_DECLARE_METATYPE(millm::Embeddings)
Q_DECLARE_METATYPE(millm::GenerationSummary)
