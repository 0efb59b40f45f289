#pragma once

#include <QtGlobal>

namespace millm::openai {

/// Tokens of all answered requests since the start.
struct TokenTotals {
    qint64 prompt = 0, completion = 0;
    qint64 reused = 0;       ///< of prompts, those that another request had computed
    qint64 masks = 0;        ///< tokens that a grammar had a say in
    double maskSeconds = 0;  ///< that it took for them
};

}  // namespace millm::openai
