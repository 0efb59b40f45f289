#include "core/engine/generation/stop_strings.h"

#include <doctest/doctest.h>

namespace millm::engine::test {

namespace {

/// All text that comes out of pieces, and what was found.
std::pair<std::string, std::string> run(std::vector<std::string> stops, const std::vector<std::string> &pieces) {
    StopStrings filter(std::move(stops));
    std::string text;
    for (const std::string &piece : pieces) text += filter.push(piece);
    if (!filter.found()) text += filter.finish();
    return {text, filter.which()};
}

}  // namespace

TEST_CASE("text before a stop string comes out whole, the stop string never") {
    CHECK(run({"END"}, {"abc", "E", "N", "D", "x"}) == std::pair<std::string, std::string>("abc", "END"));
    CHECK(run({"END"}, {"aENDb"}) == std::pair<std::string, std::string>("a", "END"));
    CHECK(run({"END"}, {"abEN", "F", "EN"}) == std::pair<std::string, std::string>("abENFEN", ""));
    CHECK(run({"aab"}, {"a", "a", "a", "b"}) == std::pair<std::string, std::string>("a", "aab"));
    CHECK(run({}, {"a", "b"}) == std::pair<std::string, std::string>("ab", ""));
}

TEST_CASE("text that is not shown is looked at and not let through") {
    const auto both = [](std::vector<std::string> stops, const std::vector<std::pair<std::string, bool>> &pieces) {
        StopStrings filter(std::move(stops));
        std::string text;
        for (const auto &[piece, shown] : pieces) text += filter.push(piece, shown);
        if (!filter.found()) text += filter.finish();
        return std::pair(text, filter.which());
    };
    using Found = std::pair<std::string, std::string>;
    CHECK(both({"<e>"}, {{"ok", true}, {"<e>", false}, {"x", true}}) == Found("ok", "<e>"));
    CHECK(both({"k<e>x"}, {{"ok", true}, {"<e>", false}, {"x", true}}) == Found("o", "k<e>x"));
    CHECK(both({"kx"}, {{"ok", true}, {"<e>", false}, {"xy", true}}) == Found("o", "kx"));
    CHECK(both({"e>x", "ok"}, {{"o", true}, {"<e>", false}, {"k", true}}) == Found("", "ok"));
    CHECK(both({"<f>", "kz"}, {{"ok", true}, {"<e>", false}, {"x", true}}) == Found("okx", ""));
    CHECK(both({"<e><e>"}, {{"<e>", false}, {"a", true}, {"<e>", false}, {"<e>", false}}) == Found("a", "<e><e>"));
    CHECK(both({}, {{"a", true}, {"<e>", false}, {"b", true}}) == Found("ab", ""));
}

TEST_CASE("the earliest of several stop strings ends the text") {
    CHECK(run({"two", "one"}, {"zero one two"}) == std::pair<std::string, std::string>("zero ", "one"));
    CHECK(run({"\n\n", "###"}, {"line\n", "##", "\n##", "#"}) == std::pair<std::string, std::string>("line\n##\n", "###"));
}

TEST_CASE("no part of a stop string is ever shown, however the text is cut") {
    const std::string text = "hello STOP world", stop = "STOP";
    for (std::size_t a = 0; a <= text.size(); ++a) {
        for (std::size_t b = a; b <= text.size(); ++b) {
            StopStrings filter({stop});
            std::string shown;
            for (const std::string &piece : {text.substr(0, a), text.substr(a, b - a), text.substr(b)}) {
                shown += filter.push(piece);
                CHECK(std::string("hello ").compare(0, shown.size(), shown) == 0);
            }
            CHECK(shown == "hello ");
            CHECK(filter.found());
        }
    }
}

}  // namespace millm::engine::test
