#pragma once

#include "core/engine/result.h"
#include "core/engine/tokenizer/template/clock.h"
#include "core/engine/tokenizer/template/interpreter.h"

#include <memory>
#include <string>
#include <string_view>

namespace millm::engine::jinja {

/// A parsed Jinja template, as transformers sets Jinja up (trim_blocks, lstrip_blocks, sandbox, its own tojson,
/// raise_exception, strftime_now, {% generation %}, break and continue). Any thread.
class Template {
public:
    /// Error code Template with the line.
    static Result<Template> parse(std::string_view source);

    /// Variables: a JSON object. Error code Template: what raise_exception was given, or what failed with its line.
    Result<std::string> render(std::string_view variables_json, const Clock &clock = local_time,
                               const Limits &limits = {}) const;
    Result<std::string> render(const Dict &variables, const Clock &clock = local_time, const Limits &limits = {}) const;

private:
    explicit Template(Block block) : m_block(std::make_shared<const Block>(std::move(block))) {}

    std::shared_ptr<const Block> m_block;
};

}  // namespace millm::engine::jinja
