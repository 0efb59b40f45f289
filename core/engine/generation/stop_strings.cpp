#include "core/engine/generation/stop_strings.h"

#include <algorithm>
#include <utility>

namespace millm::engine {

std::string StopStrings::push(std::string_view piece) {
    if (found()) return {};
    held_ += piece;
    std::size_t at = std::string::npos;
    for (const std::string &stop : stops_) {
        const std::size_t position = held_.find(stop);
        if (position < at) {
            at = position;
            found_ = stop;
        }
    }
    if (found()) {
        held_.resize(at);
        return std::exchange(held_, {});
    }
    // The longest end of the text that begins a stop string stays.
    std::size_t keep = 0;
    for (const std::string &stop : stops_) {
        for (std::size_t length = std::min(stop.size() - 1, held_.size()); length > keep; --length) {
            if (held_.compare(held_.size() - length, length, stop, 0, length) == 0) keep = length;
        }
    }
    std::string out = held_.substr(0, held_.size() - keep);
    held_.erase(0, out.size());
    return out;
}

std::string StopStrings::finish() {
    return std::exchange(held_, {});
}

}  // namespace millm::engine
