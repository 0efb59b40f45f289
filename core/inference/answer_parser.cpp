#include "core/inference/answer_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace millm {

namespace {

constexpr std::string_view blanks = " \t\r\n";

struct ReasoningMark {
    std::string_view open, close;
};
/// Append a row.
constexpr ReasoningMark reasoning_marks[] = {
    {"<think>", "</think>"},
    {"<thinking>", "</thinking>"},
    {"[THINK]", "[/THINK]"},
    {"<seed:think>", "</seed:think>"},
    {"<|START_THINKING|>", "<|END_THINKING|>"},
    {"<|inner_prefix|>", "<|inner_suffix|>"},
};

struct CallMark {
    std::string_view open;
    CallForm form;
    std::string_view close;        ///< the end of the answer does too
    bool keeps_open = false;       ///< the mark is part of what is read
    std::string_view close2 = {};  ///< another mark that ends it; it is read again where it opens the next one
};
/// Append a row; of two that begin alike the longer one first.
constexpr CallMark call_marks[] = {
    {"<tool_call>", CallForm::Tagged, "</tool_call>"},
    {"<function=", CallForm::Function, "</function>"},
    {"<minimax:tool_call>", CallForm::Invoke, "</minimax:tool_call>"},
    {"<function_calls>", CallForm::Pythonic, "</function_calls>"},
    {"[TOOL_CALLS]", CallForm::Mistral, "</s>", false, "[TOOL_CALLS]"},
    {"<|python_tag|>", CallForm::Json, "<|eom_id|>"},
    {"<|tool_call|>", CallForm::Json, "<|/tool_call|>"},
    {"<|tool_call_start|>", CallForm::Pythonic, "<|tool_call_end|>"},
    {"<|START_ACTION|>", CallForm::Json, "<|END_ACTION|>"},
    {"<｜tool▁calls▁begin｜>", CallForm::DeepSeek, "<｜tool▁calls▁end｜>"},
    {"<|tool_calls_section_begin|>", CallForm::Kimi, "<|tool_calls_section_end|>"},
    {"<start_function_call>", CallForm::Braced, "<end_function_call>"},
};
/// Special tokens inside of calls.
constexpr std::string_view inner_marks[] = {"[ARGS]",
                                            "[CALL_ID]",
                                            "<｜tool▁call▁begin｜>",
                                            "<｜tool▁call▁end｜>",
                                            "<｜tool▁sep｜>",
                                            "<|tool_call_begin|>",
                                            "<|tool_call_argument_begin|>",
                                            "<|tool_call_end|>",
                                            "<escape>",
                                            "<arg_key>",
                                            "</arg_key>",
                                            "<arg_value>",
                                            "</arg_value>"};
/// Special tokens around the answer itself, which mean nothing to whoever reads it.
constexpr std::string_view frame_marks[] = {"<|START_RESPONSE|>", "<|END_RESPONSE|>"};

// gpt-oss: each part of an answer is a message to a channel.
namespace harmony {
constexpr std::string_view start = "<|start|>", channel = "<|channel|>", message = "<|message|>", constrain = "<|constrain|>";
constexpr std::array<std::string_view, 3> ends{"<|end|>", "<|call|>", "<|return|>"};
}  // namespace harmony

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// How much of the text's end may be the beginning of one of the marks.
std::size_t unfinished(std::string_view text, std::span<const std::string_view> marks) {
    std::size_t most = 0;
    for (const std::string_view mark : marks)
        for (std::size_t size = std::min(mark.size() - 1, text.size()); size > most; --size)
            if (text.ends_with(mark.substr(0, size))) most = size;
    return most;
}

struct Found {
    std::size_t at = std::string_view::npos, which = 0;
    explicit operator bool() const { return at != std::string_view::npos; }
};

/// The first of the marks in the text.
Found first_of(std::string_view text, std::span<const std::string_view> marks) {
    Found found;
    for (std::size_t i = 0; i < marks.size(); ++i)
        if (const std::size_t at = text.find(marks[i]); at < found.at) found = {at, i};
    return found;
}

}  // namespace

class AnswerParser::Private {
public:
    explicit Private(AnswerOptions options) : m_options(std::move(options)) {
        m_calls = m_options.tools.is_list() && !m_options.tools.items().empty();
        if (m_options.reasoning)
            for (const ReasoningMark &mark : reasoning_marks) m_marks.push_back(mark.open);
        if (m_calls)
            for (const CallMark &mark : call_marks) m_marks.push_back(mark.open);
        if (m_options.reasoning) m_marks.push_back(harmony::channel);
        m_marks.insert(m_marks.end(), std::begin(frame_marks), std::end(frame_marks));
        // What begins inside of reasoning may say so again.
        if (m_options.opens_reasoning && m_options.reasoning) m_state = State::Reasoning;
    }

    std::vector<AnswerPart> push(std::string_view text, bool last) {
        m_last = last;
        m_pending += text;
        while (step()) {
        }
        if (last && m_held_blanks && !m_called) emit(AnswerPart::Kind::Content, *std::exchange(m_held_blanks, std::nullopt));
        return std::exchange(m_parts, {});
    }

    bool reasons() const { return m_state == State::Reasoning || (m_state == State::Message && m_analysis); }

private:
    enum class State : unsigned char { Content, Reasoning, Call, Whole, Header, Message };

    /// Whether there may be more to do.
    bool step() {
        switch (m_state) {
            case State::Content:
                return content();
            case State::Reasoning:
                return reasoning();
            case State::Call:
                return call();
            case State::Whole:
                return whole();
            case State::Header:
                return header();
            case State::Message:
                return message();
        }
        return false;
    }

    bool content() {
        if (m_pending.empty()) return false;
        const std::string_view text = m_pending;
        if (m_calls && !m_begun) {
            // An answer that is a call and has no marks begins like this, and is told only once it is complete.
            const std::string_view visible = text.substr(std::min(text.size(), text.find_first_not_of(blanks)));
            if (visible.empty() && !m_last) return false;
            const bool marked = std::ranges::any_of(m_marks, [&](std::string_view mark) {
                return visible.starts_with(mark) || (!m_last && mark.starts_with(visible));
            });
            const bool fenced = visible.starts_with("```json") || visible.starts_with("```tool_code");
            if (!marked && (visible.starts_with('{') || visible.starts_with('[') || fenced)) {
                m_state = State::Whole;
                return true;
            }
            if (!m_last && std::string_view("```tool_code").starts_with(visible)) return false;
            if (!m_last && std::string_view("```json").starts_with(visible)) return false;
        }
        const Found mark = first_of(text, m_marks);
        if (!mark) {
            const std::size_t keep = m_last ? 0 : unfinished(text, m_marks);
            say(take(text.size() - keep));
            return false;
        }
        say(take(mark.at));
        const std::string_view found = m_marks[mark.which];
        const auto *thought = std::ranges::find(reasoning_marks, found, &ReasoningMark::open);
        const auto *called = std::ranges::find(call_marks, found, &CallMark::open);
        if (found == harmony::channel && !m_begun) {
            m_state = State::Header;
        } else if (thought != std::end(reasoning_marks) && !m_begun) {
            m_close = thought->close;
            m_state = State::Reasoning;
        } else if (called != std::end(call_marks)) {
            m_mark = called;
            m_state = State::Call;
        } else if (std::ranges::find(frame_marks, found) == std::end(frame_marks)) {
            // In the middle of a text it is no mark.
            say(take(found.size()));
            return true;
        }
        take(found.size());
        return true;
    }

    bool reasoning() {
        std::string_view text = m_pending;
        if (m_close.empty()) {
            // Opened by the prompt: which mark closes it shows when it comes.
            for (const ReasoningMark &mark : reasoning_marks) {
                if (!m_last && mark.open.starts_with(trimmed(text)) && !m_reasoned) return false;
                if (trimmed(text).starts_with(mark.open)) {
                    take(text.find(mark.open) + mark.open.size());
                    m_close = mark.close;
                    return true;
                }
            }
        }
        std::vector<std::string_view> closes;
        for (const ReasoningMark &mark : reasoning_marks)
            if (m_close.empty() || mark.close == m_close) closes.push_back(mark.close);
        const Found close = first_of(text, closes);
        const std::size_t end = close ? close.at : text.size() - (m_last ? 0 : unfinished(text, closes));
        think(take(end), static_cast<bool>(close) || m_last);
        if (!close) return false;
        take(closes[close.which].size());
        m_state = State::Content;
        return true;
    }

    bool call() {
        const std::string_view text = m_pending;
        std::vector<std::string_view> closes{m_mark->close};
        if (!m_mark->close2.empty()) closes.push_back(m_mark->close2);
        const Found close = first_of(text, closes);
        if (!close && !m_last) return false;
        const std::string body = take(close ? close.at : text.size());
        const bool repeats = close && close.which == 1;
        auto calls = read_calls(m_mark->form, body, m_options.tools);
        if (calls) {
            for (ToolCall &read : *calls) tell(std::move(read));
        } else {
            say(std::string(m_mark->open) + body + std::string(close && !repeats ? closes[0] : ""));
        }
        if (close && !repeats) take(closes[0].size());
        m_state = State::Content;
        return !m_pending.empty();
    }

    bool whole() {
        if (!m_last) return false;
        const std::string text = take(m_pending.size());
        auto calls = read_bare_calls(text, m_options.tools);
        if (!calls) {
            say(text);
            return false;
        }
        for (ToolCall &read : *calls) tell(std::move(read));
        return false;
    }

    /// "analysis", or "commentary to=functions.f <|constrain|>json", up to <|message|>. What follows the last message is
    /// dropped.
    bool header() {
        const std::size_t end = m_pending.find(harmony::message);
        if (end == std::string::npos) return false;
        std::string head = take(end);
        take(harmony::message.size());
        // Of those behind the first, <|start|>assistant<|channel|> stands in front.
        if (const std::size_t channel = head.rfind(harmony::channel); channel != std::string::npos)
            head.erase(0, channel + harmony::channel.size());
        constexpr std::string_view to = "to=functions.";
        const std::size_t recipient = head.find(to);
        m_function.clear();
        if (recipient != std::string::npos)
            m_function =
                head.substr(recipient + to.size(), head.find_first_of(" <\n", recipient + to.size()) - recipient - to.size());
        m_analysis = trimmed(head).starts_with("analysis") && m_function.empty();
        m_reasoned = false;
        m_state = State::Message;
        return true;
    }

    bool message() {
        const std::string_view text = m_pending;
        const Found close = first_of(text, harmony::ends);
        if (!m_function.empty()) {
            if (!close && !m_last) return false;
            const std::string body = take(close ? close.at : text.size());
            auto calls = read_calls(CallForm::Json, "{\"name\": \"f\", \"arguments\": " + body + "}", m_options.tools);
            if (calls && m_calls)
                tell({m_function, calls->front().arguments});
            else
                say(body);
        } else {
            const std::size_t end = close ? close.at : text.size() - (m_last ? 0 : unfinished(text, harmony::ends));
            std::string body = take(end);
            if (m_analysis)
                think(std::move(body), static_cast<bool>(close) || m_last);
            else
                say(body);
        }
        if (!close) return false;
        take(harmony::ends[close.which].size());
        m_state = State::Header;
        return true;
    }

    std::string take(std::size_t size) {
        std::string part = m_pending.substr(0, size);
        m_pending.erase(0, size);
        return part;
    }

    /// Content: blanks at its beginning behind reasoning, and in front of a call, belong to the marks.
    void say(std::string_view text) {
        if (text.empty()) return;
        if (m_thought && !m_begun) {
            text.remove_prefix(std::min(text.size(), text.find_first_not_of(blanks)));
            if (text.empty()) return;
        }
        std::string all = std::exchange(m_held_blanks, std::nullopt).value_or("") + std::string(text);
        if (m_calls) {
            const std::size_t end = all.find_last_not_of(blanks) + 1;
            if (end < all.size()) m_held_blanks = all.substr(end);
            all.resize(end);
        }
        if (all.find_first_not_of(blanks) != std::string::npos) m_begun = true;
        emit(AnswerPart::Kind::Content, std::move(all));
    }

    void think(std::string text, bool complete) {
        text.insert(0, std::exchange(m_held_thought, {}));
        if (!m_reasoned) text.erase(0, std::min(text.size(), text.find_first_not_of(blanks)));
        const std::size_t end = text.find_last_not_of(blanks) + 1;
        if (!complete) m_held_thought = text.substr(end);
        text.resize(end);
        m_thought = true;
        if (!text.empty()) m_reasoned = true;
        emit(AnswerPart::Kind::Reasoning, std::move(text));
    }

    void tell(ToolCall call) {
        m_called = m_begun = true;
        m_held_blanks.reset();
        m_parts.push_back({AnswerPart::Kind::Call, {}, std::move(call)});
    }

    void emit(AnswerPart::Kind kind, std::string text) {
        if (text.empty()) return;
        if (!m_parts.empty() && m_parts.back().kind == kind && kind != AnswerPart::Kind::Call)
            m_parts.back().text += text;
        else
            m_parts.push_back({kind, std::move(text), {}});
    }

    AnswerOptions m_options;
    bool m_calls = false;
    std::vector<std::string_view> m_marks;  ///< that begin something in a content
    State m_state = State::Content;
    std::string m_pending;
    bool m_last = false;
    std::vector<AnswerPart> m_parts;
    bool m_begun = false;                      ///< content or a call was told
    bool m_thought = false, m_called = false;  ///< reasoning, a call was told
    bool m_reasoned = false;                   ///< of the present reasoning something was told
    std::optional<std::string> m_held_blanks;
    std::string m_held_thought;
    std::string_view m_close;  ///< of the present reasoning; empty: any
    const CallMark *m_mark = nullptr;
    std::string m_function;  ///< that the present message calls
    bool m_analysis = false;
};

AnswerParser::AnswerParser(AnswerOptions options) : m(std::make_unique<Private>(std::move(options))) {}
AnswerParser::~AnswerParser() = default;
AnswerParser::AnswerParser(AnswerParser &&) noexcept = default;
AnswerParser &AnswerParser::operator=(AnswerParser &&) noexcept = default;

std::vector<AnswerPart> AnswerParser::push(std::string_view text) {
    return m->push(text, false);
}

std::vector<AnswerPart> AnswerParser::finish() {
    return m->push({}, true);
}

bool AnswerParser::reasons() const {
    return m->reasons();
}

std::vector<std::string_view> AnswerParser::marks(bool tools) {
    std::vector<std::string_view> all;
    for (const ReasoningMark &mark : reasoning_marks) all.insert(all.end(), {mark.open, mark.close});
    all.insert(all.end(), {harmony::start, harmony::channel, harmony::message, harmony::constrain});
    all.insert(all.end(), harmony::ends.begin(), harmony::ends.end());
    if (!tools) return all;
    for (const CallMark &mark : call_marks)
        if (mark.close != "</s>")
            all.insert(all.end(), {mark.open, mark.close});
        else
            all.push_back(mark.open);
    all.insert(all.end(), std::begin(inner_marks), std::end(inner_marks));
    return all;
}

std::string_view AnswerParser::opened_reasoning(std::string_view prompt) {
    prompt = trimmed(prompt);
    for (const ReasoningMark &mark : reasoning_marks)
        if (prompt.ends_with(mark.open)) return mark.close;
    return {};
}

std::optional<AnswerParser::Reasoning> AnswerParser::last_reasoning(std::string_view text) {
    std::optional<Reasoning> last;
    for (const auto &[open, close] : reasoning_marks) {
        const std::size_t begin = text.rfind(open);
        if (begin == std::string_view::npos || (last && last->begin > begin)) continue;
        const std::size_t closed = text.find(close, begin);
        last = {begin, closed == std::string_view::npos ? closed : closed + close.size(), open, close};
    }
    return last;
}

}  // namespace millm
