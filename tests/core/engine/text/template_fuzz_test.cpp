// Mutated templates: whatever they are, they end in text or in an error, soon.
#include "core/engine/tokenizer/template/template.h"

#include "fixtures.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <random>

using namespace millm::engine;
using namespace millm::engine::test;

namespace {

const std::vector<std::string> pieces{"{{",
                                      "}}",
                                      "{%",
                                      "%}",
                                      "{#",
                                      "#}",
                                      "{%-",
                                      "-%}",
                                      "{%+",
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
                                      "\n",
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
                                      "{% endif %}",
                                      "{% if x %}",
                                      "{% macro m(a) %}",
                                      "{% endmacro %}",
                                      "{% set x %}",
                                      "{% endset %}",
                                      "{% call m() %}",
                                      "{% endcall %}",
                                      "{% raw %}",
                                      "{% endraw %}",
                                      "loop(",
                                      "loop",
                                      "caller()",
                                      "m(1)",
                                      "ns.x",
                                      "\xF0\x9F\x98\x80",
                                      "\xFF",
                                      std::string(1, '\0'),
                                      "9999999999999999999",
                                      "1e999",
                                      "0x",
                                      "|tojson",
                                      "|map('upper')",
                                      "|sort",
                                      "|list",
                                      ".items()",
                                      "[::-1]",
                                      "[1:",
                                      "recursive ",
                                      "{% break %}",
                                      "namespace(",
                                      "range(99999)",
                                      "%s",
                                      "{:>9}",
                                      ".format(",
                                      " %% "};

std::string mutated(std::string text, const std::vector<std::string> &corpus, std::mt19937_64 &random) {
    const auto below = [&](std::size_t n) { return std::size_t(random() % n); };
    for (auto changes = 1 + below(6); changes > 0; --changes) {
        const auto at = below(text.size() + 1);
        switch (below(6)) {
            case 0:
                text.insert(at, pieces[below(pieces.size())]);
                break;
            case 1:
                text.erase(at, 1 + below(8));
                break;
            case 2:
                text.insert(at, 1, char(below(256)));
                break;
            case 3:
                text = text.substr(0, at);
                break;
            case 4:
                text.insert(at, text.substr(below(text.size() + 1), below(20)));
                break;
            default: {
                const auto &other = corpus[below(corpus.size())];
                const auto begin = below(other.size() + 1);
                text = text.substr(0, at) + other.substr(begin);
            }
        }
    }
    return text;
}

}  // namespace

TEST_CASE("mutated templates never crash nor hang") {
    std::vector<std::string> corpus;
    std::string context;
    for (const char *name : {"conformance", "features", "corners"}) {
        std::ifstream stream(fixtures() / "jinja" / (std::string(name) + ".json"));
        const auto file = nlohmann::ordered_json::parse(stream);
        for (const auto &entry : file["cases"]) corpus.push_back(entry["template"].get<std::string>());
        context = file["context"].dump();
    }
    jinja::Limits limits;
    limits.steps = 2000;
    limits.work = 2'000'000;
    const char *wanted = std::getenv("MILLM_FUZZ_ROUNDS");
    const int rounds = wanted ? std::atoi(wanted) : 20000;
    std::mt19937_64 random(20260115);
    int texts = 0, errors = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto source = mutated(corpus[random() % corpus.size()], corpus, random);
        const auto parsed = jinja::Template::parse(source);
        if (!parsed) {
            CHECK(parsed.error().code == ErrorCode::Template);
            ++errors;
            continue;
        }
        const auto text = parsed->render(context, jinja::local_time, limits);
        if (!text) CHECK(text.error().code == ErrorCode::Template);
        ++(text ? texts : errors);
    }
    // A fuzzer whose templates all fail early would test nothing.
    CHECK(texts > rounds / 20);
    CHECK(errors > rounds / 20);
}
