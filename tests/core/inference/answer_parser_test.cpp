#include "core/inference/answer_parser.h"

#include "core/engine/input/json.h"

#include <QTest>

using namespace millm;
using Kind = AnswerPart::Kind;

namespace {

engine::JsonValue tools() {
    auto parsed = engine::parse_json(
        R"([{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties":
            {"city": {"type": "string"}, "days": {"type": "integer"}, "metric": {"type": "boolean"}}}}},
            {"type": "function", "function": {"name": "time"}}])",
        "tools");
    return parsed ? *std::move(parsed) : engine::JsonValue();
}

/// What was told, as a person would write it: R(…) reasoning, C name(arguments), else content.
QString told(const std::vector<AnswerPart> &parts) {
    QString all;
    for (const AnswerPart &part : parts) {
        const QString text = QString::fromStdString(part.text);
        switch (part.kind) {
            case Kind::Content:
                all += text;
                break;
            case Kind::Reasoning:
                all += QStringLiteral("R(%1)").arg(text);
                break;
            case Kind::Call:
                all += QStringLiteral("C %1(%2);")
                           .arg(QString::fromStdString(part.call.name), QString::fromStdString(part.call.arguments));
        }
    }
    return all;
}

std::vector<AnswerPart> joined(std::vector<AnswerPart> parts) {
    std::vector<AnswerPart> all;
    for (AnswerPart &part : parts) {
        if (part.kind != Kind::Call && !all.empty() && all.back().kind == part.kind)
            all.back().text += part.text;
        else
            all.push_back(std::move(part));
    }
    return all;
}

/// In pieces of `size` bytes.
QString read(const QByteArray &answer, const AnswerOptions &options, qsizetype size) {
    AnswerParser parser(options);
    std::vector<AnswerPart> parts;
    const auto add = [&](std::vector<AnswerPart> more) {
        for (AnswerPart &part : more) parts.push_back(std::move(part));
    };
    for (qsizetype i = 0; i < answer.size(); i += size) add(parser.push(answer.mid(i, size).toStdString()));
    add(parser.finish());
    return told(joined(std::move(parts)));
}

}  // namespace

/// Answers as the kinds of models write them.
class AnswerParserTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answers_data() {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *answer, const char *expected) {
            // Arguments are told without blanks.
            QString text = QString::fromUtf8(expected);
            if (text.contains(QStringLiteral("({"))) text.replace("\": ", "\":").replace(", \"", ",\"");
            QTest::newRow(name) << QByteArray(answer) << text;
        };
        row("text", "Hello there.\n", "Hello there.\n");
        row("no call in a text", "Write <tool_call> or { and [1] in it.", "Write <tool_call> or { and [1] in it.");
        row("hermes",
            "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"days\": 2, \"city\": \"Zürich\"}}\n</tool_call>",
            "C get_weather({\"days\": 2, \"city\": \"Zürich\"});");
        row("hermes, two behind a text",
            "I look it up.\n\n<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": "
            "\"time\"}\n</tool_call>",
            "I look it up.C time({});C time({});");
        row("hermes, cut off", "<tool_call>\n{\"name\": \"get_wea", "<tool_call>\n{\"name\": \"get_wea");
        row("hermes, not closed", "<tool_call>{\"name\": \"time\", \"arguments\": \"{\\\"a\\\": 1}\"}", "C time({\"a\": 1});");
        row("qwen coder",
            "<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n<parameter=days>\n2\n</parameter>\n"
            "<parameter=metric>\nTrue\n</parameter>\n</function>\n</tool_call>",
            "C get_weather({\"city\": \"Zürich\", \"days\": 2, \"metric\": true});");
        row("a string that looks like a number",
            "<tool_call>\n<function=get_weather>\n<parameter=city>\n8000\n</parameter>\n</function>\n</tool_call>",
            "C get_weather({\"city\": \"8000\"});");
        row("glm",
            "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Bern</arg_value>\n<arg_key>days</"
            "arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
            "C get_weather({\"city\": \"Bern\", \"days\": 3});");
        row("llama 3", "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Bern\"}}",
            "C get_weather({\"city\": \"Bern\"});");
        row("llama 3, two", "{\"name\": \"time\", \"parameters\": {}}; {\"name\": \"time\", \"parameters\": {}}",
            "C time({});C time({});");
        row("llama 3, built in", "<|python_tag|>{\"type\": \"function\", \"name\": \"time\", \"parameters\": {}}",
            "C time({});");
        row("llama 3, custom", "<function=get_weather>{\"city\": \"Bern\"}</function>", "C get_weather({\"city\": \"Bern\"});");
        row("llama 4", "[get_weather(city='Bern', days=2, metric=True), time()]",
            "C get_weather({\"city\": \"Bern\", \"days\": 2, \"metric\": true});C time({});");
        row("json of something else", "{\"name\": \"somebody\", \"age\": 3}", "{\"name\": \"somebody\", \"age\": 3}");
        row("a list of something else", "[1, 2]", "[1, 2]");
        row("a list, cut in its second", "[{\"name\": \"time\", \"arguments\": {}}, {\"name\": \"get_weather\", \"argu",
            "C time({});");
        row("a list, cut behind its first", "[{\"name\": \"time\", \"arguments\": {}}", "C time({});");
        row("a row, cut in its second", "{\"name\": \"time\", \"parameters\": {}}; {\"name\": \"ti", "C time({});");
        row("a list, cut in its first", "[{\"name\": \"time\", \"argu", "[{\"name\": \"time\", \"argu");
        row("a list with a text in it", "[{\"name\": \"time\", \"arguments\": {}} and so on",
            "[{\"name\": \"time\", \"arguments\": {}} and so on");
        row("a list, cut behind one of something else", "[{\"name\": \"somebody\"}, {\"name\"",
            "[{\"name\": \"somebody\"}, {\"name\"");
        row("fenced", "```json\n{\"name\": \"time\", \"arguments\": {}}\n```", "C time({});");
        row("gemma's fence", "```tool_code\nget_weather(city=\"Bern\")\n```", "C get_weather({\"city\": \"Bern\"});");
        row("code", "```python\nprint(1)\n```", "```python\nprint(1)\n```");
        row("mistral",
            "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Bern\"}}, {\"name\": \"time\", "
            "\"arguments\": {}}]",
            "C get_weather({\"city\": \"Bern\"});C time({});");
        row("mistral, later", "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Bern\"}[TOOL_CALLS]time[ARGS]{}",
            "C get_weather({\"city\": \"Bern\"});C time({});");
        row("mistral, with ids", "[TOOL_CALLS]time[CALL_ID]abcdefghi[ARGS]{}", "C time({});");
        row("deepseek",
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": "
            "\"Bern\"}\n```<｜tool▁call▁end｜>\n"
            "<｜tool▁call▁begin｜>function<｜tool▁sep｜>time\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "C get_weather({\"city\": \"Bern\"});C time({});");
        row("deepseek 3.1",
            "Let me see.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": "
            "\"Bern\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "Let me see.C get_weather({\"city\": \"Bern\"});");
        row("kimi",
            "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\": "
            "\"Bern\"}<|tool_call_end|>"
            "<|tool_calls_section_end|>",
            "C get_weather({\"city\": \"Bern\"});");
        row("minimax",
            "<minimax:tool_call>\n<invoke name=\"get_weather\">\n<parameter name=\"city\">Bern</parameter>\n<parameter "
            "name=\"days\">2</parameter>\n"
            "</invoke>\n</minimax:tool_call>",
            "C get_weather({\"city\": \"Bern\", \"days\": 2});");
        row("lfm2", "<|tool_call_start|>[get_weather(city=\"Bern\")]<|tool_call_end|>Checking.",
            "C get_weather({\"city\": \"Bern\"});Checking.");
        row("olmo 3", "<function_calls>\nget_weather(city=\"Bern\")\ntime()\n</function_calls>",
            "C get_weather({\"city\": \"Bern\"});C time({});");
        row("granite", "<|tool_call|>[{\"name\": \"time\", \"arguments\": {}}]", "C time({});");
        row("command r",
            "<|START_ACTION|>[\n {\"tool_call_id\": \"0\", \"tool_name\": \"time\", \"parameters\": {}}\n]<|END_ACTION|>",
            "C time({});");
        row("function gemma", "<start_function_call>call:get_weather{city:<escape>Bern, CH<escape>,days:2}<end_function_call>",
            "C get_weather({\"city\": \"Bern, CH\", \"days\": 2});");
        row("harmony",
            "<|channel|>analysis<|message|>The user wants it.<|end|><|start|>assistant<|channel|>commentary "
            "to=functions.get_weather "
            "<|constrain|>json<|message|>{\"city\": \"Bern\"}<|call|>",
            "R(The user wants it.)C get_weather({\"city\": \"Bern\"});");
        row("harmony, an answer",
            "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>It is 5.<|return|>",
            "R(Easy.)It is 5.");
        row("harmony, cut off", "<|channel|>analysis<|message|>Well", "R(Well)");
        row("thinks", "<think>\nFirst this.\n\nThen that.\n</think>\n\nThe answer.", "R(First this.\n\nThen that.)The answer.");
        row("thinks and calls", "<think>\nI look.\n</think>\n\n<tool_call>{\"name\": \"time\", \"arguments\": {}}</tool_call>",
            "R(I look.)C time({});");
        row("thinks for ever", "<think>\nFirst", "R(First)");
        row("thinks nothing", "<think>\n\n</think>\n\nHi", "Hi");
        row("magistral", "[THINK]Hm.[/THINK]Hi", "R(Hm.)Hi");
        row("cohere", "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Hi<|END_RESPONSE|>", "R(Hm.)Hi");
        row("speaks of thinking", "The tag <think> opens it, </think> closes it.",
            "The tag <think> opens it, </think> closes it.");
        row("nothing", "", "");
        row("unknown escapes", "[time(a='\\x41\\u00e9\\q', b=[1, (2.5, None)], c={'k': -1})]",
            "C time({\"a\": \"Aé\\\\q\", \"b\": [1,[2.5,null]], \"c\": {\"k\": -1}});");
    }
    void answers() {
        QFETCH(QByteArray, answer);
        QFETCH(QString, expected);
        AnswerOptions options;
        options.tools = tools();
        for (const qsizetype size : {answer.size() + 1, qsizetype(1), qsizetype(3), qsizetype(7)})
            QCOMPARE(read(answer, options, size), expected);
    }

    void withoutToolsNothingIsACall() {
        const QByteArray answer = "<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>\n";
        for (const qsizetype size : {answer.size(), qsizetype(1)}) QCOMPARE(read(answer, {}, size), QString::fromUtf8(answer));
        QCOMPARE(read("{\"name\": \"time\"}", {}, 3), QStringLiteral("{\"name\": \"time\"}"));
        QCOMPARE(read("<think>a</think>b", {}, 2), QStringLiteral("R(a)b"));
    }

    void beginsInsideOfReasoning() {
        AnswerOptions options;
        options.opens_reasoning = true;
        for (const qsizetype size : {qsizetype(100), qsizetype(1)}) {
            QCOMPARE(read("Hm, so.\n</think>\n\nHi", options, size), QStringLiteral("R(Hm, so.)Hi"));
            QCOMPARE(read("<think>\nHm.</think>Hi", options, size), QStringLiteral("R(Hm.)Hi"));
            QCOMPARE(read("never ends", options, size), QStringLiteral("R(never ends)"));
        }
        QCOMPARE(AnswerParser::opened_reasoning("<|Assistant|><think>\n"), std::string_view("</think>"));
        QVERIFY(AnswerParser::opened_reasoning("<think>\n\n</think>\n\n").empty());
    }

    void reasoningStaysWhereItIsNotWanted() {
        AnswerOptions options;
        options.reasoning = false;
        QCOMPARE(read("<think>a</think>b", options, 2), QStringLiteral("<think>a</think>b"));
    }

    /// Text that cannot become a mark any more is handed out at once.
    void streams() {
        AnswerOptions options;
        options.tools = tools();
        AnswerParser parser(options);
        QCOMPARE(told(parser.push("Hello")), QStringLiteral("Hello"));
        QCOMPARE(told(parser.push(" <tool")), QString());
        QCOMPARE(told(parser.push("box>")), QStringLiteral(" <toolbox>"));
        QCOMPARE(told(parser.push(" <tool_call>{\"name\": \"time\"}")), QString());
        QCOMPARE(told(parser.push("</tool_call>")), QStringLiteral("C time({});"));
        QVERIFY(parser.finish().empty());
    }
};

QTEST_GUILESS_MAIN(AnswerParserTest)
#include "answer_parser_test.moc"
