#include "core/hub/verdict.h"

#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/input/json.h"

#include <algorithm>

namespace millm {
namespace {

std::string_view view(const QByteArray &bytes) {
    return {bytes.constData(), std::size_t(bytes.size())};
}

void refuse(RepositoryPlan &plan, const QString &reason, const QString &field = {}) {
    plan.unsupportedReason = reason;
    plan.unsupportedField = field;
}

void refuse(RepositoryPlan &plan, const engine::Error &error) {
    refuse(plan, QString::fromStdString(error.message), QString::fromStdString(error.field));
}

/// The chat templates' names; nothing where a file that may have them was not read, or is broken.
std::optional<QStringList> chatTemplates(const RepositoryPlan &plan, const std::vector<std::string> &names) {
    std::vector<std::string> found = engine::chat_templates_of_files(names);
    for (const auto &[file, text] :
         {std::pair("tokenizer_config.json", plan.tokenizerConfig), {"chat_template.json", plan.chatTemplate}}) {
        if (!found.empty() || std::ranges::find(names, file) == names.end()) continue;
        const auto json = engine::parse_json_object(view(text), file, engine::long_list_limits);
        if (!json) return {};
        const auto texts = engine::chat_templates_of(*json, file);
        if (!texts) return {};
        for (const auto &[name, source] : *texts) found.push_back(name);
    }
    QStringList list;
    for (const std::string &name : found) list << QString::fromStdString(name);
    return list;
}

TextFacts textFacts(const RepositoryPlan &plan) {
    std::vector<std::string> names;
    for (const HubFile &file : plan.others) names.push_back(file.path.toStdString());
    const auto object = [](const QByteArray &text, const char *file) {
        auto json = engine::parse_json_object(view(text), file, engine::long_list_limits);
        return json ? std::move(*json) : engine::JsonValue();
    };
    TextFacts facts;
    const std::string name =
        engine::tokenizer_class(object(plan.tokenizerConfig, "tokenizer_config.json"), object(plan.config, "config.json"));
    const auto chosen = engine::choose_tokenizer_files(names, name);
    facts.tokenizer = chosen.kind;
    for (const std::string &file : chosen.files) facts.tokenizerFiles << QString::fromStdString(file);
    facts.tokenizerClass = QString::fromStdString(name);
    facts.chatTemplates = chatTemplates(plan, names);
    return facts;
}

/// Of files that cannot be read there is only what the Hub tells.
void judgeClosed(RepositoryPlan &plan) {
    plan.tensors.clear();
    const auto known = engine::supported_model_types();
    const std::string type = plan.modelType.toStdString();
    if (!type.empty() && std::find(known.begin(), known.end(), type) == known.end())
        refuse(plan, QStringLiteral("models of type \"%1\" are not supported").arg(plan.modelType),
               QStringLiteral("model_type"));
    plan.requiresRemoteCode = plan.requiresRemoteCode && !plan.unsupportedReason.isEmpty();
}

void judgeConfig(RepositoryPlan &plan) {
    auto decoder = engine::describe(view(plan.config));
    if (decoder) {
        plan.decoder = std::move(*decoder);
        plan.modelType = QString::fromStdString(plan.decoder->model_type);
        plan.architecture = QString::fromStdString(plan.decoder->architecture);
        // Nobody knows the tensors of a .bin file before it is there.
        if (!plan.tensors.empty())
            if (const auto matched = engine::WeightPlan::match(*plan.decoder, plan.tensors); !matched)
                refuse(plan, matched.error());
    } else {
        refuse(plan, decoder.error());
        const auto config = engine::parse_json_object(view(plan.config), "config.json");
        const std::string *type = config ? config->text("model_type") : nullptr;
        if (type != nullptr && plan.modelType.isEmpty()) plan.modelType = QString::fromStdString(*type);
    }
    // Code of the repository's own matters only where there is no row for its architecture.
    const bool brings = plan.requiresRemoteCode || plan.config.contains("\"auto_map\"");
    plan.requiresRemoteCode = !decoder && (brings || decoder.error().code == engine::ErrorCode::NeedsRemoteCode);
}

}  // namespace

void judge(RepositoryPlan &plan, engine::WeightForm form, const QString &flaw) {
    if (plan.closed)
        judgeClosed(plan);
    else if (plan.config.isEmpty())
        refuse(plan, QStringLiteral("the repository has no config.json"));
    else
        judgeConfig(plan);
    if (form == engine::WeightForm::GgufOnly)
        refuse(plan, QStringLiteral("it has weights only as GGUF, which this program does not read"));
    else if (form == engine::WeightForm::None || plan.weights.isEmpty())
        refuse(plan, QStringLiteral("it has no weights that this program reads (safetensors or pytorch_model.bin)"));
    else if (!flaw.isEmpty())
        refuse(plan, flaw);
    plan.texts = textFacts(plan);
}

}  // namespace millm
