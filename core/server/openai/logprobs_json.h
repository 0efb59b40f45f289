#pragma once

#include "core/inference/requests.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QList>

namespace millm::openai {

/// A chat's [{token, logprob, bytes, top_logprobs}].
QJsonArray chatScores(const QList<ScoredToken> &tokens);

/// A prompt's, as vLLM has them: null, then by each token's id {logprob, rank, decoded_token} of itself and of the `top`
/// likeliest. Of a token that is not among the likeliest that are known, nobody counted the rank: null.
QJsonArray promptScores(const QList<ScoredToken> &tokens, int top);

/// A text completion's {tokens, token_logprobs, top_logprobs, text_offset}, built piece by piece.
class CompletionLogprobs {
public:
    /// `text`: what is shown from where this begins; offsets are counted in characters (code points) from there.
    explicit CompletionLogprobs(int top) : m_top(top) {}
    /// `unscored`: how many at the front have no logprob (a prompt's first token).
    void append(const QList<ScoredToken> &tokens, const QByteArray &text, qsizetype unscored = 0);
    QJsonObject take();

private:
    int m_top;
    qint64 m_offset = 0;  ///< characters before what comes next
    QJsonArray m_tokens, m_logprobs, m_tops, m_offsets;
};

/// Not every logprob is a JSON number: minus infinity becomes -9999.
double finite(float logprob);

}  // namespace millm::openai
