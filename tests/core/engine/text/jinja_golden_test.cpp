// Templates that Python's Jinja rendered, set up as transformers does: text must be equal, errors must be errors.
#include "core/engine/tokenizer/template/template.h"

#include "fixtures.h"

#include <doctest/doctest.h>

#include <ctime>
#include <fstream>

using namespace millm::engine;
using namespace millm::engine::test;

namespace {

using Json = nlohmann::ordered_json;

Json read_ordered(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path.string());
    return Json::parse(file);
}

jinja::Clock frozen(const std::string &time) {
    std::tm at{};
    REQUIRE(strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &at));
    return [at] { return at; };
}

Result<std::string> render(const std::string &source, const Json &variables, const jinja::Clock &clock) {
    const auto parsed = jinja::Template::parse(source);
    if (!parsed) return parsed.error();
    return parsed->render(variables.dump(), clock);
}

/// The message of raise_exception is the user's to read: it must be the same word for word.
void check_error(const Result<std::string> &result, const std::string &expected) {
    CHECK_MESSAGE(!result.ok(), "no error: ", expected);
    if (result) return;
    CHECK(result.error().code == ErrorCode::Template);
    const std::string raised = "TemplateError: ";
    if (expected.starts_with(raised)) {
        CHECK(result.error().message == expected.substr(raised.size()));
    } else {
        CHECK(result.error().message.find("line ") != std::string::npos);
    }
}

int check_snippets(const std::filesystem::path &path, const jinja::Clock &clock) {
    const auto file = read_ordered(path);
    int count = 0;
    for (const auto &entry : file["cases"]) {
        const auto source = entry["template"].get<std::string>();
        CAPTURE(source);
        const auto result = render(source, file["context"], clock);
        if (entry.contains("error")) {
            check_error(result, entry["error"].get<std::string>());
        } else {
            CHECK_MESSAGE(result.ok(), (result.ok() ? "" : result.error().message));
            if (result) CHECK(*result == entry["expected"].get<std::string>());
        }
        ++count;
    }
    return count;
}

int check_conversations(const Json &file, const std::string &source) {
    const auto parsed = jinja::Template::parse(source);
    REQUIRE_MESSAGE(parsed.ok(), (parsed.ok() ? "" : parsed.error().message));
    const auto clock = frozen(file["now"].get<std::string>());
    int count = 0;
    for (const auto &entry : file["cases"]) {
        const auto name = entry["name"].get<std::string>();
        CAPTURE(name);
        Json variables{{"messages", entry["messages"]}, {"tools", entry["tools"]}, {"documents", nullptr}};
        variables["add_generation_prompt"] = entry["add_generation_prompt"];
        for (const char *token : {"bos_token", "eos_token"}) {
            if (!file[token].is_null()) variables[token] = file[token];
        }
        variables.update(entry["extra"]);
        const auto result = parsed->render(variables.dump(), clock);
        if (entry.contains("error")) {
            check_error(result, entry["error"].get<std::string>());
        } else {
            REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.error().message));
            CHECK(*result == entry["expected"].get<std::string>());
        }
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("Jinja's conformance snippets") {
    CHECK(check_snippets(fixtures() / "jinja/conformance.json", frozen("2025-07-10T12:00:00")) == 175);
}

TEST_CASE("Jinja's features one by one") {
    CHECK(check_snippets(fixtures() / "jinja/features.json", frozen("2026-01-15T12:34:56")) == 392);
}

TEST_CASE("Jinja's corners") {
    CHECK(check_snippets(fixtures() / "jinja/corners.json", frozen("2026-01-15T12:34:56")) > 200);
}

TEST_CASE("conversations in well-known forms") {
    for (const char *name : {"chatml", "llama2_chat", "zephyr_tinyllama"}) {
        CAPTURE(name);
        const auto file = read_ordered(fixtures() / "templates" / (std::string(name) + ".json"));
        CHECK(check_conversations(file, file["template"].get<std::string>()) == 22);
    }
}

TEST_SUITE("vocabularies") {
    TEST_CASE("conversations in the vendors' templates") {
        for (const char *name : {"llama3_1", "qwen3", "gemini"}) {
            CAPTURE(name);
            const auto file = read_ordered(fixtures() / "templates" / (std::string(name) + ".json"));
            const auto &source = file["template_source"];
            const auto config =
                read_json(vocabularies() / source["npm"].get<std::string>() / source["file"].get<std::string>());
            CHECK(check_conversations(file, config[source["key"].get<std::string>()].get<std::string>()) == 22);
        }
    }
}
