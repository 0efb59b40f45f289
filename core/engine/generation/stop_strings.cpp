#include "core/engine/generation/stop_strings.h"

#include <algorithm>

namespace millm::engine {

std::string StopStrings::push(std::string_view piece, bool shown) {
    if (found()) return {};
    held_ += piece;
    shown_.resize(held_.size(), shown);
    std::string visible;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < held_.size(); ++i) {
        if (!shown_[i]) continue;
        visible += held_[i];
        places.push_back(i);
    }
    search(visible, places);
    std::size_t certain = held_.size();
    if (const std::size_t keep = begun(visible); keep > 0) certain = places[visible.size() - keep];
    if (visible.size() < held_.size()) {
        search(held_, {});
        certain = std::min(certain, held_.size() - begun(held_));
    }
    return release(found() ? at_ : certain);
}

/// Takes the earliest stop string in `text`, whose bytes have these places in held_ (none: the same).
void StopStrings::search(const std::string &text, const std::vector<std::size_t> &places) {
    for (const std::string &stop : stops_) {
        const std::size_t position = text.find(stop);
        if (position == std::string::npos) continue;
        const std::size_t place = places.empty() ? position : places[position];
        if (place >= at_) continue;
        at_ = place;
        found_ = stop;
    }
}

/// Bytes of the longest end of the text that begins a stop string.
std::size_t StopStrings::begun(const std::string &text) const {
    std::size_t keep = 0;
    for (const std::string &stop : stops_) {
        for (std::size_t length = std::min(stop.size() - 1, text.size()); length > keep; --length) {
            if (text.compare(text.size() - length, length, stop, 0, length) == 0) keep = length;
        }
    }
    return keep;
}

std::string StopStrings::finish() {
    return release(held_.size());
}

/// The first bytes of what is held, without those that are not shown.
std::string StopStrings::release(std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i)
        if (shown_[i]) out += held_[i];
    held_.erase(0, bytes);
    shown_.erase(shown_.begin(), shown_.begin() + static_cast<std::ptrdiff_t>(bytes));
    return out;
}

}  // namespace millm::engine
