#include "core/engine/tokenizer/template/chat_template.h"

#include "core/engine/tokenizer/open.h"

#include "fixtures.h"

#include <doctest/doctest.h>

using namespace millm::engine;
using namespace millm::engine::test;

namespace {

std::string rendered_from(const std::filesystem::path &folder, const std::string &variables) {
    const auto opened = open_chat_template(folder);
    REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? "" : opened.error().message));
    const auto text = (*opened)->render(variables);
    REQUIRE_MESSAGE(text.ok(), (text.ok() ? "" : text.error().message));
    return *text;
}

Error failed(const std::string &source, const std::string &variables = "{}") {
    const auto parsed = jinja::Template::parse(source);
    if (!parsed) return parsed.error();
    const auto text = parsed->render(variables);
    REQUIRE_FALSE(text.ok());
    return text.error();
}

}  // namespace

TEST_CASE("where a repository's chat template comes from") {
    TemporaryFolder folder;
    CHECK(open_chat_template(folder.path()).error().code == ErrorCode::Unsupported);
    folder.write("chat_template.json", R"({"chat_template": "processor"})");
    CHECK(rendered_from(folder.path(), "{}") == "processor");
    folder.write("tokenizer_config.json", R"({"chat_template": "config"})");
    CHECK(rendered_from(folder.path(), "{}") == "config");
    folder.write("additional_chat_templates/tool_use.jinja", "tools");
    CHECK(rendered_from(folder.path(), R"({"tools": []})") == "tools");
    folder.write("chat_template.jinja", "file");
    CHECK(rendered_from(folder.path(), "{}") == "file");
    CHECK(rendered_from(folder.path(), R"({"tools": null})") == "file");
    CHECK(rendered_from(folder.path(), R"({"tools": [1]})") == "tools");
}

TEST_CASE("templates with names") {
    TemporaryFolder folder;
    folder.write("tokenizer_config.json",
                 R"({"chat_template": [{"name": "tool_use", "template": "T"}, {"name": "rag", "template": "R"}]})");
    CHECK(rendered_from(folder.path(), R"({"tools": [1]})") == "T");
    const auto opened = open_chat_template(folder.path());
    REQUIRE(opened.ok());
    const auto none = (*opened)->render("{}");
    REQUIRE_FALSE(none.ok());
    CHECK(none.error().message.find("rag, tool_use") != std::string::npos);
    folder.write("tokenizer_config.json", R"({"chat_template": [{"name": 5}]})");
    CHECK(open_chat_template(folder.path()).error().code == ErrorCode::InvalidFile);
    folder.write("tokenizer_config.json", R"({"chat_template": "{% if %}"})");
    CHECK(open_chat_template(folder.path()).error().code == ErrorCode::Template);
}

TEST_CASE("special tokens, tools and documents are variables") {
    TemporaryFolder folder;
    folder.write("tokenizer_config.json",
                 R"({"bos_token": {"content": "<s>", "special": true}, "eos_token": "</s>", "pad_token": null,
        "additional_special_tokens": ["<x>"], "chat_template":
        "{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}{{ tools is none }}{{ documents is none }}{{ additional_special_tokens }}{{ x }}"})");
    CHECK(rendered_from(folder.path(), R"({"x": 1})") == "<s></s>FalseTrueTrue['<x>']1");
    CHECK(rendered_from(folder.path(), R"({"bos_token": "mine"})").starts_with("mine"));
}

TEST_CASE("extra special tokens are variables by their names, or additional tokens of a list") {
    const auto shown = [](const std::string &config, const std::string &map = "{}") {
        TemporaryFolder folder;
        folder.write("tokenizer_config.json", config);
        folder.write("special_tokens_map.json", map);
        folder.write("chat_template.jinja", "{{ turn_token }}|{{ image }}|{{ bos_token }}|{{ eot_token }}");
        return rendered_from(folder.path(), "{}");
    };
    CHECK(shown(R"({"extra_special_tokens": {"turn_token": "<t>", "image": {"content": "<i>", "special": true}}})") ==
          "<t>|<i>||");
    CHECK(shown(R"({"model_specific_special_tokens": {"turn_token": "<t>"}})") == "<t>|||");
    // Names of the object go before those beside it.
    CHECK(shown(R"({"bos_token": "<s>", "extra_special_tokens": {"bos_token": "<b>"}})") == "||<b>|");
    CHECK(shown(R"({"extra_special_tokens": ["<t>", "<i>"], "bos_token": "<s>"})") == "||<s>|");
    CHECK(shown("{}", R"({"extra_special_tokens": {"image": "<i>"}, "eot_token": "<e>"})") == "|<i>||<e>");
    CHECK(shown(R"({"extra_special_tokens": {"image": 5, "turn_token": null}, "bos_token": true})") == "|||");
    CHECK(shown(R"({"extra_special_tokens": 7})") == "|||");
}

TEST_CASE("a message's content comes in the form that the template shows") {
    const std::string string = R"({"messages": [{"role": "user", "content": "hello"}]})";
    const std::string parts = R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]})";
    const std::string two =
        R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]}]})";
    const auto shown = [](const std::string &source, const std::string &variables) {
        TemporaryFolder folder;
        folder.write("chat_template.jinja", source);
        return rendered_from(folder.path(), variables);
    };
    // Templates that loop over parts, in many spellings.
    for (const char *source : {
             "{% for m in messages %}[user]{% for part in m['content'] %}{% if part['type'] == 'text' %}{{ part['text'] }}{% "
             "endif %}{% endfor %}{% endfor %}",
             "{% for m in messages %}[user]{% for part in m.content if part.type == 'text' %}{{ part.text }}{% endfor %}{% "
             "endfor %}",
             "{% for m in messages %}{% set content = m['content'] %}[user]{% for c in content %}{{ c.text }}{% endfor %}{% "
             "endfor %}",
             "{% macro show(content) %}{% for c in content %}{{ c['text'] }}{% endfor %}{% endmacro %}{% for m in messages "
             "%}[user]{{ show(m.content) }}{% endfor %}",
             "{% set all = messages %}{% for m in all[0:] %}[user]{% for c in m['content'] | list %}{{ c.text }}{% endfor %}{% "
             "endfor %}",
             "{% for m in messages %}[user]{{ m.content | selectattr('type', 'equalto', 'text') | map(attribute='text') | "
             "join }}{% endfor %}",
             "{% for m in messages %}[user]{{ m.content[0].text }}{% if m.content | length > 1 %}{{ m.content[1].text }}{% "
             "endif "
             "%}{% endfor %}",
         }) {
        CAPTURE(source);
        CHECK(shown(source, string) == "[user]hello");
        CHECK(shown(source, parts) == "[user]hello");
        CHECK(shown(source, two) == "[user]onetwo");
    }
    // Templates that take a string.
    for (const char *source : {
             "{% for m in messages %}[user]{{ m['content'] }}{% endfor %}",
             "{% for m in messages %}[user]{{ m.content | trim }}{% endfor %}",
             "{% for m in messages %}{{ '[' + m.role + ']' + m.content }}{% endfor %}",
             "{% for m in messages %}[user]{% set parts = m.content.split('#') %}{% for p in parts %}{{ p }}{% endfor %}{% "
             "endfor %}",
         }) {
        CAPTURE(source);
        CHECK(shown(source, string) == "[user]hello");
        CHECK(shown(source, parts) == "[user]hello");
        CHECK(shown(source, two) == "[user]one\ntwo");
    }
    // One that looks at the first part alone gets all of it there.
    const std::string first = "{% for m in messages %}{{ m.content[0].text }}{% endfor %}";
    CHECK(shown(first, string) == "hello");
    CHECK(shown(first, two) == "one\ntwo");
    // Templates that take both get what there is.
    const std::string both =
        "{% for m in messages %}{% if m.content is string %}S{{ m.content }}{% else %}{% for c in m.content %}P{{ c.text }}{% "
        "endfor %}{% endif %}{% endfor %}";
    CHECK(shown(both, string) == "Shello");
    CHECK(shown(both, two) == "PonePtwo");
    // By role: this one has parts from users only, and wants an answer to a question.
    const std::string mixed =
        "{% for m in messages %}{% if m.role == 'user' %}{% for c in m.content %}U{{ c.text }}{% endfor %}{% else %}A{{ "
        "m.content }}{% endif %}{% if loop.first and m.role == 'assistant' %}{{ raise_exception('no question') }}{% endif %}{% "
        "endfor %}";
    CHECK(shown(mixed, R"({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]})") == "UqAa");
    CHECK(shown(mixed, R"({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content":
                          [{"type": "text", "text": "a"}]}, {"role": "system", "content": "s"}]})") == "UqAaAs");
    // Messages that are none are the template's business.
    CHECK(shown("{{ messages | length }}", R"({"messages": [1, {"role": 2}, {"content": [3]}]})") == "3");
    CHECK(shown("{{ messages }}", R"({"messages": "x"})") == "x");
}

TEST_CASE("variables keep their order and their size") {
    const auto parsed = jinja::Template::parse("{{ d }}|{{ d|tojson }}|{{ n + 1 }}|{{ f }}");
    REQUIRE(parsed.ok());
    CHECK(parsed->render(R"({"d": {"z": 1, "a": {"y": [], "b": null}}, "n": 123456789012345678901234567890, "f": 1e2})")
              .value() ==
          R"({'z': 1, 'a': {'y': [], 'b': None}}|{"z": 1, "a": {"y": [], "b": null}}|123456789012345678901234567891|100.0)");
    CHECK(parsed->render("[1]").error().code == ErrorCode::InvalidArgument);
    CHECK(parsed->render("{").error().code == ErrorCode::InvalidArgument);
    CHECK(parsed->render("{\"a\": " + std::string(100000, '[') + "}").error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("errors name the line, raise_exception's text stays as it is") {
    CHECK(failed("a\nb\n{{ x.y }}").message == "chat template, line 3: 'x' is undefined");
    CHECK(failed("\n{% if a %}").got == 2);
    CHECK(failed("{{ raise_exception('Only\nthis') }}").message == "Only\nthis");
    CHECK(failed("{% for i in [1] %}\n\n{{ 1 / 0 }}{% endfor %}").got == 3);
    CHECK(failed("{{ '\\ud800' }}").code == ErrorCode::Template);
}

TEST_CASE("templates that want too much are stopped") {
    for (const char *source : {
             "{{ 'a' * 9999999999 }}",
             "{{ 'a' * 9999999 * 9999999 }}",
             "{{ [1] * 999999999999 }}",
             "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
             "{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}",
             "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
             "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
             "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}",
             "{% set ns = namespace(x='a') %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
             "{% set ns = namespace(x=2) %}{% for i in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
             "{{ 10 ** 100000 }}",
             "{{ 'a'.center(99999999999) }}",
             "{{ '%999999999d' % 1 }}",
             "{{ '{:>999999999}'.format(1) }}",
             "{{ 'a'|indent(99999999999) }}",
             "{{ [1]|batch(99999999999, 0)|list }}",
             "{{ [1]|slice(99999999999)|list }}",
             "{{ ('a' * 1000000).replace('a', 'b' * 1000) }}",
             "{{ ('ab' * 1000000)|list|length }}{{ ('ab' * 1000000)|list|length }}",
             "{{ [1]|tojson(indent=999999999) }}",
             "{% set ns = namespace(l=[]) %}{% for i in range(100000) %}{% for x in [ns.l] %}{% set ns.l = [loop] %}{% endfor "
             "%}{% endfor %}",
             "{% set ns = namespace(j=1) %}{% for i in range(100000) %}{% set ns.j = joiner(ns.j) %}{% endfor %}",
             // Small values that take for ever to compare, to order or to look up.
             "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, "
             "ns.y] "
             "%}{% endfor %}{{ ns.x == ns.y }}",
             "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, "
             "ns.y] "
             "%}{% endfor %}{{ [ns.x] is sameas ns.y or ns.x in [ns.y] or [ns.x, ns.y]|sort }}",
             "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
         }) {
        CAPTURE(source);
        CHECK(failed(source).code == ErrorCode::Template);
    }
    const auto deep = [](const char *open, const char *close) {
        std::string source;
        for (int i = 0; i < 10000; ++i) source += open;
        for (int i = 0; i < 10000; ++i) source += close;
        return source;
    };
    for (const auto &source :
         {"{{ " + deep("(", ")") + " }}", "{{ " + deep("[", "]") + " }}", deep("{% if x %}", "{% endif %}"),
          "{{ " + deep("not ", "") + "x }}", "{{ " + deep("-", "") + "1 }}", "{{ 1" + deep("+1", "") + " }}",
          "{{ x" + deep(".a", "") + " }}", "{{ x" + deep("|upper", "") + " }}", "{% set " + deep("(", "") + "x = 1 %}",
          "{{ " + deep("1 if 1 else ", "") + "1 }}", "{{ x" + deep(" is defined", "") + "}}"}) {
        CHECK(failed(source).code == ErrorCode::Template);
    }
}

TEST_CASE("a template that is no UTF-8 is refused by name") {
    TemporaryFolder folder;
    folder.write("chat_template.jinja", "a\xff");
    CHECK(open_chat_template(folder.path()).error().message.find("not UTF-8 at byte 1") != std::string::npos);
}

TEST_CASE("values that hold themselves are let go") {
    // Leaks show under the address sanitizer.
    for (const char *source : {
             "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns.me.me is defined }}{{ ns }}",
             "{% macro m() %}x{% endmacro %}{% set n = m %}{{ n() }}",
             "{% set ns = namespace() %}{% for i in [1, 2] %}{% set ns.l = loop %}{% set ns.f = loop.changed %}{% endfor %}{{ "
             "ns.f(ns.f) }}{{ ns.l.index }}",
             "{% set ns = namespace() %}{% macro m() %}{% set ns.c = caller %}{{ caller() }}{% endmacro %}{% call m() %}y{% "
             "endcall %}{{ ns.c() }}",
             "{% set ns = namespace(p=none) %}{% for i in range(20000) %}{% set q = namespace(p=ns.p) %}{% set ns.p = q %}{% "
             "endfor %}x",
             "{% set ns = namespace(c=1) %}{% macro m() %}{% set ns.c = caller %}{% endmacro %}{% for i in range(20000) %}{% "
             "set p = ns.c %}{% call m() %}{% endcall %}{% endfor %}x",
         }) {
        CAPTURE(source);
        const auto parsed = jinja::Template::parse(source);
        REQUIRE(parsed.ok());
        const auto text = parsed->render("{}");
        CHECK_MESSAGE(text.ok(), (text.ok() ? "" : text.error().message));
    }
}
