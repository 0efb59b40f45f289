#pragma once

#include <QtGlobal>

namespace millm::openai {

/// Tokens of all answered requests since the start.
struct TokenTotals {
    qint64 prompt = 0, completion = 0;
};

}  // namespace millm::openai
