#pragma once

#include "core/inference/tool_calls.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millm {

/// What a model's answer is made of, told apart by the marks that its kind of model writes.
struct AnswerPart {
    enum class Kind : unsigned char { Content, Reasoning, Call };
    Kind kind = Kind::Content;
    std::string text;  ///< of content and reasoning
    ToolCall call;     ///< whole: calls are told when they are complete
};

struct AnswerOptions {
    engine::JsonValue tools;       ///< OpenAI's list; without any, no calls are looked for
    bool reasoning = true;         ///< whether it is told apart from the content
    bool opens_reasoning = false;  ///< the prompt ended inside of it
};

/// Tells reasoning, content and calls apart while an answer comes, whatever pieces it comes in. What looked like a call and is
/// none is content, so that nothing is lost.
class AnswerParser {
public:
    explicit AnswerParser(AnswerOptions options);
    ~AnswerParser();
    AnswerParser(AnswerParser &&) noexcept;
    AnswerParser &operator=(AnswerParser &&) noexcept;

    std::vector<AnswerPart> push(std::string_view text);
    std::vector<AnswerPart> finish();
    bool reasons() const;  ///< what was pushed last ended inside of reasoning

    /// The marks that are special tokens in some vocabulary: they have to be part of the text that is pushed.
    static std::vector<std::string_view> marks(bool tools);
    /// The mark that ends the reasoning inside of which the answer to this prompt begins; empty where it does not.
    static std::string_view opened_reasoning(std::string_view prompt);
    /// The last reasoning in a text, marks included.
    struct Reasoning {
        std::size_t begin = 0, end = 0;  ///< end: npos where it is open
        std::string_view open, close;
    };
    static std::optional<Reasoning> last_reasoning(std::string_view text);

private:
    class Private;
    std::unique_ptr<Private> m;
};

}  // namespace millm
