#include "core/engine/tokenizer/template/template.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/json_text.h"
#include "core/engine/tokenizer/template/parser.h"

#include <new>

namespace millm::engine::jinja {

namespace {

constexpr std::size_t longest_source = std::size_t(4) << 20;

Error error_of(const Failure &failure, int line) {
    if (failure.kind() == Failure::Kind::Raised) return Error{ErrorCode::Template, failure.message()};
    if (failure.line() > 0) line = failure.line();
    return Error{ErrorCode::Template, "chat template, line " + std::to_string(line) + ": " + failure.message(), 0, line};
}

/// UTF-8 has no form for half of a surrogate pair, which a literal can name.
bool has_surrogate(std::string_view text) {
    for (auto at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1)) {
        if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
    }
    return false;
}

}  // namespace

Result<Template> Template::parse(std::string_view source) {
    if (source.size() > longest_source) {
        return Error{ErrorCode::Template, "the chat template is too long", std::int64_t(longest_source),
                     std::int64_t(source.size())};
    }
    try {
        return Template(jinja::parse(source));
    } catch (const Failure &failure) {
        return error_of(failure, 1);
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::OutOfMemory, "no memory for the chat template"};
    } catch (const std::exception &exception) {
        return Error{ErrorCode::Template, std::string("the chat template cannot be parsed: ") + exception.what()};
    }
}

Result<std::string> Template::render(std::string_view variables_json, const Clock &clock, const Limits &limits) const {
    std::shared_ptr<const Dict> variables;
    try {
        variables = dict_from_json(variables_json);
    } catch (const Failure &failure) {
        return Error{ErrorCode::InvalidArgument, failure.message()};
    }
    return render(*variables, clock, limits);
}

Result<std::string> Template::render(const Dict &variables, const Clock &clock, const Limits &limits) const {
    Interpreter interpreter(limits, clock);
    try {
        auto text = interpreter.render(*m_block, variables);
        if (has_surrogate(text)) return Error{ErrorCode::Template, "the chat template's text has half of a surrogate pair"};
        return text;
    } catch (const Failure &failure) {
        return error_of(failure, interpreter.line());
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::OutOfMemory, "no memory for the chat template's text"};
    } catch (const std::exception &exception) {
        return Error{ErrorCode::Template, std::string("the chat template cannot be rendered: ") + exception.what()};
    }
}

}  // namespace millm::engine::jinja
