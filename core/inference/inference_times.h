#pragma once

#include "core/base/histogram.h"

namespace millm {

/// How long requests took, in seconds, since the start. Values of one thread.
struct InferenceTimes {
    Histogram firstToken{
        {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120}};                 ///< from submit() to the first token
    Histogram betweenTokens{{0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5}};  ///< from one to the next
    Histogram queue{{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120}};  ///< tokenized, until its prompt is begun
    Histogram prefill{{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}};  ///< from there to the first token
};

}  // namespace millm
