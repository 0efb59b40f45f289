#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// Lets text through up to the first stop string and holds back what may still become one. Text that is not shown (special
/// tokens) is not let through, but stop strings may hold or span it; they are looked for in the text with it and without.
class StopStrings {
public:
    explicit StopStrings(std::vector<std::string> stops) : stops_(std::move(stops)) {}

    bool any() const { return !stops_.empty(); }
    /// The text that `piece` makes certain. After found() nothing comes any more.
    std::string push(std::string_view piece, bool shown = true);
    /// What was held back; the sequence ended otherwise.
    std::string finish();
    bool found() const { return !found_.empty(); }
    const std::string &which() const { return found_; }  ///< empty where none was found

private:
    void search(const std::string &text, const std::vector<std::size_t> &places);
    std::size_t begun(const std::string &text) const;
    std::string release(std::size_t bytes);

    std::vector<std::string> stops_;
    std::string held_, found_;
    std::vector<bool> shown_;             ///< beside held_'s bytes
    std::size_t at_ = std::string::npos;  ///< where found_ begins in held_
};

}  // namespace millm::engine
