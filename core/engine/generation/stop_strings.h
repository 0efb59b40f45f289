#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// Lets text through up to the first stop string and holds back what may still become one.
class StopStrings {
public:
    explicit StopStrings(std::vector<std::string> stops) : stops_(std::move(stops)) {}

    /// The text that `piece` makes certain. After found() nothing comes any more.
    std::string push(std::string_view piece);
    /// What was held back; the sequence ended otherwise.
    std::string finish();
    bool found() const { return !found_.empty(); }
    const std::string &which() const { return found_; }  ///< empty where none was found

private:
    std::vector<std::string> stops_;
    std::string held_, found_;
};

}  // namespace millm::engine
