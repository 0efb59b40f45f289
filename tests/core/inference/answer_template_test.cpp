#include "core/inference/answer_template.h"

#include "core/base/settings.h"
#include "core/inference/engine_host.h"
#include "tests/core/inference/answer_templates.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;
using namespace Qt::StringLiterals;

namespace {

const QString head = u"{% for t in tools or [] %}{{ t | tojson }}{% endfor %}{% for m in messages %}"_s;

}  // namespace

/// How calls are to be written, by templates in the forms of families.
class AnswerTemplateTest : public QObject {
    Q_OBJECT

    EngineHost m_host{[] {
        Settings settings;
        settings.engineDirs = {QStringLiteral(MILLM_ENGINE_DIR)};
        return settings;
    }()};

    CallTemplate formOf(const QString &text, const QJsonObject &variables = {}) {
        return callTemplate(*templateOf(text), ChatInput{.messages = {}, .variables = variables});
    }
    std::unique_ptr<engine::ChatTemplate> templateOf(const QString &text) {
        const QTemporaryDir folder;
        QFile file(folder.filePath(u"tokenizer_config.json"_s));
        if (!file.open(QIODevice::WriteOnly)) qFatal("no place for a template");
        file.write(QJsonDocument(QJsonObject{{u"chat_template"_s, text}, {u"eos_token"_s, u"</s>"_s}}).toJson());
        file.close();
        auto engine = m_host.engine();
        if (!engine) qFatal("%s", qPrintable(engine.error().message));
        auto chat = (*engine)->load_chat_template(folder.path().toStdString());
        if (!chat) qFatal("%s", chat.error().message.c_str());
        return *std::move(chat);
    }

    static std::string described() { return "{\"tool_calls\": [{\"name\": \""; }

private Q_SLOTS:
    void taggedJson() {
        const CallTemplate form = formOf(head + QString::fromUtf8(templates::tagged));
        QCOMPARE(form.before, std::string("<tool_call>\n{\"name\": \""));
        QCOMPARE(form.middle, std::string("\", \"arguments\": "));
        QCOMPARE(form.between, std::string("}\n</tool_call>\n<tool_call>\n{\"name\": \""));
        QCOMPARE(form.after, std::string("}\n</tool_call>"));
    }

    /// The prompt ends inside of reasoning, or behind an empty one; answers that are over have none.
    void reasoningInThePrompt() {
        const QString text = head + QString::fromUtf8(templates::thinking);
        QCOMPARE(formOf(text).before, std::string("<tool_call>{\"name\": \""));
        QCOMPARE(formOf(text, {{u"quick"_s, true}}).before, std::string("<tool_call>{\"name\": \""));
    }

    /// Who may think says so in the answers of before, or leaves an empty thought in front of them.
    void reasoningOfTheModelsOwn() {
        const auto chat = templateOf(head + QString::fromUtf8(templates::thoughtful));
        const auto marks = reasoningTemplate(*chat, {});
        QVERIFY(marks.has_value());
        QCOMPARE(marks->open, std::string("<think>"));
        QCOMPARE(marks->close, std::string("</think>"));
        QCOMPARE(callTemplate(*chat, {}).before, std::string("<tool_call>{\"name\": \""));
        // Where the prompt has decided it, nothing is left to the model.
        QVERIFY(!reasoningTemplate(*chat, ChatInput{.messages = {}, .variables = {{u"enable_thinking"_s, false}}}));
        QVERIFY(!reasoningTemplate(*templateOf(head + QString::fromUtf8(templates::thinking)), {}));
        QVERIFY(!reasoningTemplate(*templateOf(head + QString::fromUtf8(templates::tagged)), {}));
    }

    void otherForms() {
        // Mistral's: a list, which two calls share.
        const CallTemplate list = formOf(head + QString::fromUtf8(templates::listed));
        QCOMPARE(list.before, std::string("[TOOL_CALLS][{\"name\": \""));
        QCOMPARE(list.between, std::string(", \"id\": \"call00000\"}, {\"name\": \""));
        QVERIFY(list.after.starts_with(", \"id\": \"call00000\"}]"));
        // One call alone, with other words and no marks.
        const CallTemplate single = formOf(head + QString::fromUtf8(templates::single));
        QCOMPARE(single.before, std::string("{\"name\": \""));
        QCOMPARE(single.middle, std::string("\", \"parameters\": "));
        QCOMPARE(single.between, std::string());
        // Channels.
        const CallTemplate channel = formOf(head + QString::fromUtf8(templates::channels));
        QCOMPARE(channel.before, std::string("<|channel|>commentary to=functions."));
        QCOMPARE(channel.middle, std::string(" <|constrain|>json<|message|>"));
        QCOMPARE(channel.after, std::string("<|call|>"));
    }

    /// What is no JSON, has the name behind the arguments, or is not read back, is written as the prompt for models without
    /// tools says.
    void elseAsDescribed() {
        for (
            const QString &calls :
            {u"<function={{ c.function.name }}>{% for k, v in c.function.arguments.items() %}<parameter={{ k }}>{{ v }}</parameter>{% endfor %}</function>"_s,
             u"<tool_call>{\"arguments\": {{ c.function.arguments | tojson }}, \"name\": \"{{ c.function.name }}\"}</tool_call>"_s,
             u"I call {{ c.function.name }} with {{ c.function.arguments | tojson }} now."_s, QString()})
            QCOMPARE(formOf(head + u"<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls %}"_s + calls +
                            u"{% endfor %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"_s)
                         .before,
                     described());
        QCOMPARE(formOf(u"{{ raise_exception('never') }}"_s).before, described());
    }
};

QTEST_GUILESS_MAIN(AnswerTemplateTest)
#include "answer_template_test.moc"
