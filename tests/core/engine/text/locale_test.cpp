// Where the user's locale writes 1,5 the templates still write and read 1.5, as Python does.
#include "core/engine/decimal.h"
#include "core/engine/tokenizer/template/template.h"

#include "fixtures.h"

#include <doctest/doctest.h>

#include <clocale>
#include <cstdlib>

using namespace millm::engine;
using namespace millm::engine::test;

namespace {

/// A locale with a decimal comma, made for the test and in force while this lives.
class CommaLocale {
public:
    CommaLocale() {
        m_folder.write("source",
                       "comment_char %\nescape_char /\nLC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\ngrouping 3;3\n"
                       "END LC_NUMERIC\n");
        const std::string folder = m_folder.path().string();
        // It warns about the categories that are not there, and makes the locale.
        const std::string make = "localedef -c -i " + folder + "/source " + folder + "/comma >/dev/null 2>&1";
        (void)std::system(make.c_str());
        ::setenv("LOCPATH", folder.c_str(), 1);
        m_made = std::setlocale(LC_NUMERIC, "comma") != nullptr;
    }
    ~CommaLocale() {
        std::setlocale(LC_NUMERIC, "C");
        ::unsetenv("LOCPATH");
    }
    bool made() const { return m_made; }

private:
    TemporaryFolder m_folder;
    bool m_made = false;
};

std::string rendered(const std::string &source, const std::string &variables = "{}") {
    const auto parsed = jinja::Template::parse(source);
    REQUIRE_MESSAGE(parsed.ok(), (parsed.ok() ? "" : parsed.error().message));
    const auto text = parsed->render(variables);
    REQUIRE_MESSAGE(text.ok(), (text.ok() ? "" : text.error().message));
    return *text;
}

// Each with what Python and Jinja make of it.
struct Row {
    const char *source, *text;
};
constexpr Row rows[] = {
    {"{{ 0.5 + 0.25 }}", "0.75"},
    {"{{ 1.5e3 }} {{ 2e-3 }} {{ 1_000.5 }}", "1500.0 0.002 1000.5"},
    {"{{ '%.2f' | format(1.5) }}", "1.50"},
    {"{{ '%e %g %G' % (1234.5, 0.00001, 1e20) }}", "1.234500e+03 1e-05 1E+20"},
    {"{{ '%#g %#.0f %#x' % (2.0, 3.0, 255) }}", "2.00000 3. 0xff"},
    {"{{ '{:.3f} {:,.2f} {:.1%} {:g}'.format(2.5, 1234567.891, 0.256, 0.5) }}", "2.500 1,234,567.89 25.6% 0.5"},
    {"{{ [1.5, 2e-3] | tojson }}", "[1.5, 0.002]"},
    {"{{ '2.5' | float }} {{ ' 1e2 ' | float }} {{ '1,5' | float }} {{ '+.5' | float }}", "2.5 100.0 0.0 0.5"},
    {"{{ '7.9' | int }} {{ 'inf' | float }} {{ '1e999' | float }} {{ '1e-999' | float }}", "7 inf inf 0.0"},
    {"{{ 1.25 | round(1) }} {{ 2.675 | round(2) }} {{ 0.5 | round }} {{ 2.5 | round }}", "1.2 2.67 0.0 2.0"},
    {"{{ 1234.5 | round(-2) }} {{ 250.0 | round(-2) }} {{ 350.0 | round(-2) }} {{ 50.0 | round(-2) }} {{ 51.0 | round(-2) }}",
     "1200.0 200.0 400.0 0.0 100.0"},
    {"{{ 3.0 | string }} {{ 1.0 * 7 }} {{ 7 / 2 }} {{ 10 ** 20 / 3 }}", "3.0 7.0 3.5 3.333333333333333e+19"},
    {"{{ 1500000 | filesizeformat }} {{ 1536 | filesizeformat(true) }} {{ 12 | filesizeformat }}", "1.5 MB 1.5 KiB 12 Bytes"},
};

}  // namespace

TEST_CASE("numbers are written and read with a point whatever the locale is") {
    for (const Row &row : rows) CHECK(rendered(row.source) == row.text);
    CHECK(rendered("{{ x + 1 }} {{ y | tojson }}", R"({"x": 1.5, "y": [2.25, 1e2, 12345678901234567890]})") ==
          "2.5 [2.25, 100.0, 12345678901234567890]");

    const CommaLocale comma;
    if (!comma.made()) {
        MESSAGE("no locale with a decimal comma could be made (localedef is missing): only the C locale was tried");
        return;
    }
    REQUIRE(std::strtod("1,5", nullptr) == 1.5);  // the C library does follow it
    for (const Row &row : rows) CHECK(rendered(row.source) == row.text);
    CHECK(rendered("{{ x + 1 }} {{ y | tojson }}", R"({"x": 1.5, "y": [2.25, 1e2, 12345678901234567890]})") ==
          "2.5 [2.25, 100.0, 12345678901234567890]");
    CHECK(decimal_text(0.1) == "0.1");
    CHECK(decimal_text(1e-45) == "1e-45");
}

TEST_CASE("digits that no double holds are infinity or nothing, what is no number is none") {
    const auto infinity = std::numeric_limits<double>::infinity();
    CHECK(decimal_value("1e400") == infinity);
    CHECK(decimal_value("-1e400") == -infinity);
    CHECK(decimal_value("1e-400") == 0.0);
    CHECK(decimal_value("0." + std::string(400, '0') + "1") == 0.0);
    CHECK(decimal_value("0." + std::string(400, '0') + "1e401") == 1.0);
    CHECK(decimal_value("1" + std::string(400, '0')) == infinity);
    CHECK(decimal_value("1" + std::string(400, '0') + "e-400") == 1.0);
    CHECK(decimal_value("1e99999999999999999999") == infinity);
    CHECK(decimal_value("1e-99999999999999999999") == 0.0);
    CHECK(decimal_value("4.9e-324") == 5e-324);
    CHECK(decimal_value("+1.5") == 1.5);
    for (const char *text : {"", "+", "+-1", "1,5", "0x10", "1.5 ", " 1", "e5", "."}) {
        CAPTURE(text);
        CHECK_FALSE(decimal_value(text));
    }
}
