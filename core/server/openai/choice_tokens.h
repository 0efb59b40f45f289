#pragma once

#include "core/inference/requests.h"

#include <QList>

#include <utility>

namespace millm::openai {

/// The tokens of one choice as they come, sorted into those that belong to text that was handed out and those that wait:
/// half a character's, what may become a stop string, the one that ends it all.
class ChoiceTokens {
public:
    void add(const TokenChunk &chunk) {
        for (const ScoredToken &token : chunk.tokens) m_ids.append(token.id);
        m_waiting += chunk.tokens;
        if (!chunk.text.isEmpty()) m_shown += std::exchange(m_waiting, {});
    }
    /// What still waits was part of the text, or of what ended it: whether that counts.
    void end(bool all) {
        if (all) m_shown += m_waiting;
        m_waiting = {};
    }
    QList<ScoredToken> takeShown() { return std::exchange(m_shown, {}); }
    QList<qint32> takeIds() { return std::exchange(m_ids, {}); }  ///< all of them, the one that stopped it too

private:
    QList<ScoredToken> m_waiting, m_shown;
    QList<qint32> m_ids;
};

}  // namespace millm::openai
