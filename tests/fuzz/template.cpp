// A chat template: parsed, and rendered with a conversation, within small limits.
#include "core/engine/tokenizer/template/template.h"

#include "core/engine/input/json.h"
#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

using namespace engine;

constexpr std::string_view conversation =
    R"({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi \u00e4"}, )"
    R"({"role": "assistant", "content": [{"type": "text", "text": "yes"}]}], "add_generation_prompt": true, )"
    R"("tools": null, "n": 5, "x": 2.5, "l": [3, 1, 2, "b"], "d": {"k": 1, "z": [1, {"y": null}]}, "bos_token": "<s>"})";

void run(const Bytes &input) {
    const auto parsed = jinja::Template::parse(input);
    if (!parsed) {
        if (parsed.error().code != ErrorCode::Template) wrong("a template's error is of another kind");
        return;
    }
    jinja::Limits limits;
    limits.output = 1 << 20;
    limits.steps = 20'000;
    limits.work = 20'000'000;
    limits.stack = 256 * 1024;  // the sanitizers' frames are larger, and so is the thread's stack
    const auto text = parsed->render(conversation, jinja::local_time, limits);
    if (!text && text.error().code != ErrorCode::Template) wrong("a rendering's error is of another kind");
}

constexpr std::string_view pieces[] = {"{{",
                                       "}}",
                                       "{%",
                                       "%}",
                                       "{#",
                                       "#}",
                                       "{%-",
                                       "-%}",
                                       "(",
                                       ")",
                                       "[",
                                       "]",
                                       "{",
                                       "}",
                                       "|",
                                       "~",
                                       "'",
                                       "\"",
                                       "\\",
                                       "**",
                                       "//",
                                       "-",
                                       "not ",
                                       " is ",
                                       " in ",
                                       " if ",
                                       " else ",
                                       "{% for x in l %}",
                                       "{% endfor %}",
                                       "{% if x %}",
                                       "{% endif %}",
                                       "{% macro m(a) %}",
                                       "{% endmacro %}",
                                       "{% set x = l %}",
                                       "{% set ns.x = [ns.x, ns.x] %}",
                                       "{% set ns = namespace(x=1) %}",
                                       "{% call m() %}",
                                       "{% endcall %}",
                                       "m(1)",
                                       "ns.x",
                                       "loop(l)",
                                       "{% for x in l recursive %}",
                                       "loop.index",
                                       "9999999999999999999",
                                       "1e999",
                                       "|tojson",
                                       "|tojson(indent=2)",
                                       "|map('upper')",
                                       "|sort",
                                       "|groupby('k')",
                                       "|unique",
                                       "|join",
                                       "|list",
                                       "|replace('a','b')",
                                       "|format(1)",
                                       "|indent(99)",
                                       "|center(99)",
                                       "|batch(2)",
                                       "|slice(3)",
                                       "|dictsort",
                                       "|selectattr('role','equalto','user')",
                                       "|wordwrap(3)",
                                       "|round(2)",
                                       "|int(base=36)",
                                       "|truncate(3)",
                                       "|trim",
                                       ".items()",
                                       ".split(' ')",
                                       ".format(",
                                       "[::-1]",
                                       "[1:",
                                       "range(9999)",
                                       "range(9,0,-1)",
                                       "{:>9}",
                                       "%s",
                                       " %% ",
                                       "messages",
                                       "messages[0]['content']",
                                       "raise_exception('x')",
                                       "strftime_now('%Y')",
                                       "{% generation %}",
                                       "{% endgeneration %}",
                                       "{% break %}",
                                       "{% continue %}",
                                       "cycler(1,2)",
                                       "joiner()",
                                       "lipsum()",
                                       "dict(a=1)",
                                       "'ab' * 99",
                                       "[0] * 99",
                                       "2 ** 99",
                                       "7 // 0",
                                       "x.y.z",
                                       "'%05d' % 3",
                                       "{:{}}",
                                       "\xF0\x9F\x98\x80",
                                       "\xFF",
                                       "{%+",
                                       "\n",
                                       "{% raw %}",
                                       "{% endraw %}",
                                       "{% set x %}",
                                       "{% endset %}",
                                       "caller()",
                                       "0x",
                                       "namespace(",
                                       "recursive ",
                                       "loop",
                                       std::string_view("\0", 1)};

Bytes mutate(const Bytes &input, Random &random) {
    return mutate_pieces(input, pieces, random);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (const char *name : {"conformance", "features", "corners"}) {
        const auto file = parse_json_object(read(fixtures() / "jinja" / (std::string(name) + ".json")), name, long_list_limits);
        if (!file) wrong("the templates' fixture cannot be read");
        for (const JsonValue &entry : file->find("cases")->items())
            if (const std::string *source = entry.text("template")) all.push_back(*source);
    }
    return all;
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
