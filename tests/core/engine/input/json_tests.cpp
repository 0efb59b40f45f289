// The one JSON door: what Python's json reads, no more, and nothing that ends the program.
#include "core/engine/input/json.h"

#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <limits>
#include <string>

using namespace millm::engine;

namespace {

JsonValue read(const std::string &text) {
    auto value = parse_json(text, "x.json");
    REQUIRE_MESSAGE(value.ok(), text << ": " << value.error().message);
    return *std::move(value);
}

std::string refusal(const std::string &text, const JsonLimits &limits = {}) {
    const auto value = parse_json(text, "x.json", limits);
    REQUIRE_MESSAGE(!value.ok(), text);
    CHECK(value.error().code == ErrorCode::InvalidFile);
    CHECK(value.error().message.starts_with("x.json"));
    return value.error().message;
}

std::string repeated(const std::string &text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("each kind of value is read and answers for itself") {
    const JsonValue object =
        read(R"( {"n": null, "t": true, "f": false, "i": -42, "r": 6.5e1, "s": "\u00e4\n", "l": [1, [], {}], "o": {"a": 1}} )");
    REQUIRE(object.is_object());
    CHECK(object.find("n")->is_null());
    CHECK(object.given("n") == nullptr);
    CHECK(object.find("t")->boolean() == true);
    CHECK(object.flag("t"));
    CHECK_FALSE(object.flag("f"));
    CHECK(object.find("i")->integer() == -42);
    CHECK(object.find("i")->number() == -42.0);
    CHECK(object.find("r")->number() == 65.0);
    CHECK_FALSE(object.find("r")->integer());
    CHECK(*object.text("s") == "\u00e4\n");
    CHECK(object.find("l")->items().size() == 3);
    CHECK(object.find("o")->find("a")->integer() == 1);
    CHECK(object.find("z") == nullptr);
    // Questions that do not fit are answered with nothing.
    CHECK(object.find("l")->find("a") == nullptr);
    CHECK(object.find("s")->items().empty());
    CHECK(object.text("i") == nullptr);
    CHECK_FALSE(object.find("o")->number());
    CHECK_FALSE(object.flag("s"));
}

TEST_CASE("numbers are Python's") {
    CHECK(read("9223372036854775807").integer() == std::numeric_limits<std::int64_t>::max());
    CHECK(read("-9223372036854775808").integer() == std::numeric_limits<std::int64_t>::min());
    // Whole, but no 64 bits: a number, and written back digit by digit.
    for (const char *wide : {"9223372036854775808", "-9223372036854775809", "1000000000000000019884624838656"}) {
        const JsonValue value = read(wide);
        CHECK_FALSE(value.integer());
        CHECK(value.number() == std::stod(wide));
        CHECK(value.dump() == wide);
    }
    CHECK(std::isinf(*read("1e400").number()));
    CHECK(read("-1e400").number() == -std::numeric_limits<double>::infinity());
    CHECK(read("1e-400").number() == 0.0);
    CHECK(read("[0.0, Infinity]").items()[1].number() == std::numeric_limits<double>::infinity());
    CHECK(read("-Infinity").number() == -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(*read("NaN").number()));
    CHECK(read("[0.0, Infinity, -Infinity, NaN, 1e-05]").dump() == "[0.0,Infinity,-Infinity,NaN,1e-05]");
    CHECK_FALSE(read("64.0").integer());
    for (const char *wrong :
         {"01", "+1", ".5", "1.", "1e", "1e+", "-", "--1", "0x10", "1_000", "nan", "inf", "-NaN", "Inf", "1.5.5"})
        refusal(wrong);
}

TEST_CASE("numbers do not depend on the locale") {
    // Where the machine has no such locale this says the same as above.
    std::setlocale(LC_ALL, "de_DE.UTF-8");
    CHECK(read("[1.5, 1e-5]").items()[0].number() == 1.5);
    CHECK(JsonValue(0.25).dump() == "0.25");
    std::setlocale(LC_ALL, "C");
}

TEST_CASE("of a name given twice the last value counts, in the first one's place") {
    const JsonValue object = read(R"({"a": 1, "b": 2, "a": 3, "c": 4, "b": [5], "a": 6})");
    CHECK(object.dump() == R"({"a":6,"b":[5],"c":4})");
    CHECK(object.find("a")->integer() == 6);
    JsonLimits strict;
    strict.doubled_names = false;
    CHECK(refusal(R"({"x": {"a": 1, "a": 1}})", strict).find("\"a\" is given twice") != std::string::npos);
    CHECK(parse_json(R"({"x": {"a": 1}, "y": {"a": 1}})", "x.json", strict).ok());
}

TEST_CASE("what is no JSON is refused with its place") {
    for (const char *wrong :
         {"",         " ",      "{",         "[",   "\"",        "\"\\",    "\"\\u12",  "\"\\x\"",   "[1",
          "[1,",      "[1,]",   "[1 2]",     "[,]", "{\"a\"",    "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
          "{a: 1}",   "{1: 1}", "{\"a\" 1}", "nul", "truefalse", "1 2",     "[]]",      "{}}",       "'a'",
          "\"a\nb\"", "// x",   "[1] x",     "]",   "}",         ":",       ","})
        refusal(wrong);
    CHECK(refusal("{\n \"a\": 1,\n \"b\": x}").find("line 3") != std::string::npos);
    CHECK(refusal("\xef\xbb\xbf{}").find("byte order mark") != std::string::npos);
    CHECK(refusal("\"\xff\"").find("byte 1 is not UTF-8") != std::string::npos);
    for (const char *broken :
         {"\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"\xf8\x88\x80\x80\x80\""})
        CHECK(refusal(broken).find("not UTF-8") != std::string::npos);
    const auto list = parse_json_object("[1]", "config.json");
    CHECK(list.error().message == "config.json: a JSON object is needed, it is a list");
}

TEST_CASE("escapes of two halves are one character, a half alone is none") {
    CHECK(*read(R"("\ud83d\ude00 \u20ac\/")").text() == "\xf0\x9f\x98\x80 \xe2\x82\xac/");
    CHECK(*read(R"("\ud83d")").text() == "\xef\xbf\xbd");
    CHECK(*read(R"("\ude00\ud83dx")").text() == "\xef\xbf\xbd\xef\xbf\xbdx");
    CHECK(*read(R"("\ud83d\u0041")").text() ==
          "\xef\xbf\xbd"
          "A");
    CHECK(*read(R"("\u0000")").text() == std::string(1, '\0'));
    CHECK(read(R"("\u0000\u001f")").dump() == R"("\u0000\u001f")");
}

TEST_CASE("no nesting, length or number of values ends the program") {
    for (const std::size_t depth : {std::size_t{201}, std::size_t{200'000}, std::size_t{3'000'000}}) {
        CHECK(refusal(repeated("[", depth)).find("deeper than 200") != std::string::npos);
        CHECK(refusal(repeated("{\"a\":", depth)).find("deeper than 200") != std::string::npos);
        CHECK(refusal(repeated("[{\"a\":", (depth + 1) / 2)).find("deeper than 200") != std::string::npos);
    }
    CHECK(read(repeated("[", 200) + repeated("]", 200)).dump() == repeated("[", 200) + repeated("]", 200));
    JsonLimits small;
    small.values = 10;
    CHECK(refusal("[0,0,0,0,0,0,0,0,0,0]", small).find("more than 10 values") != std::string::npos);
    CHECK(parse_json("[0,0,0,0,0,0,0,0,0]", "x.json", small).ok());
    small.bytes = 5;
    CHECK(refusal("[0, 0]", small) == "x.json: 6 bytes, more than the limit of 5");
}

TEST_CASE("a long object is read in a blink") {
    // With every name looked for among all before it this would take minutes.
    std::string text = "{";
    for (int i = 0; i < 200'000; ++i) text += "\"token" + std::to_string(i * 7919 % 200'000) + "\":" + std::to_string(i) + ",";
    text += "\"end\":1}";
    const JsonValue object = read(text);
    CHECK(object.members().size() == 200'001);
    for (int i = 0; i < 200'000; i += 997) CHECK(object.find("token" + std::to_string(i * 7919 % 200'000))->integer() == i);
}

TEST_CASE("a written value is read again as it was") {
    JsonValue made =
        JsonValue::object({{"text", "a \"b\" \\ \x01 \xc3\xa4"}, {"list", JsonValue::list({1, 2.5, true, nullptr})}});
    made.set("more", JsonValue::object());
    made.set("text", "other");
    CHECK(made.dump() == R"({"text":"other","list":[1,2.5,true,null],"more":{}})");
    CHECK(made.dump(2) ==
          "{\n  \"text\": \"other\",\n  \"list\": [\n    1,\n    2.5,\n    true,\n    null\n  ],\n  \"more\": {}\n}");
    CHECK(read(made.dump()).dump() == made.dump());
    CHECK(JsonValue(6.0).dump() == "6.0");
    CHECK(JsonValue(1e300).dump() == "1e+300");
}

TEST_CASE("messages show a value shortly") {
    CHECK(read("[1, 2]").shown() == "a list of 2");
    CHECK(read("{}").shown() == "an object of 0");
    CHECK(read("64.0").shown() == "64.0");
    const std::string shown = read("\"" + repeated("\xc3\xa4", 5000) + "\"").shown();
    CHECK(shown.size() <= 63);
    CHECK(shown.ends_with("\xc3\xa4..."));
}
