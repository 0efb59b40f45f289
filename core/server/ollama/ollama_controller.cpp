#include "core/server/ollama/ollama_controller.h"

#include "core/base/worker_thread.h"
#include "core/inference/inference_service.h"
#include "core/models/model_service.h"
#include "core/server/http/exchange.h"
#include "core/server/http/json_reader.h"
#include "core/server/model_choice.h"
#include "core/server/ollama/ollama_request.h"
#include "core/server/openai/prompt_inputs.h"
#include "core/server/openai/vector_json.h"

#include <QCoreApplication>
#include <QCryptographicHash>

namespace millm::ollama {
namespace {

using http::Exchange;
using http::JsonReader;
using namespace Qt::StringLiterals;

constexpr qint64 mebibyte = 1024 * 1024;

bool isHere(const Model &model) {
    return apiStatus(model.state) != "downloading"_L1 && !model.cachePath.isEmpty();
}

QJsonObject detailsOf(const Model &model) {
    const std::string_view scheme = engine::scheme_info(model.quantization).id;
    const QString family = QJsonDocument::fromJson(model.configJson.toUtf8()).object().value("model_type"_L1).toString();
    return {{u"format"_s, u"safetensors"_s},
            {u"family"_s, family},
            {u"families"_s, QJsonArray{family}},
            {u"parameter_size"_s, model.params},
            {u"quantization_level"_s, QString::fromLatin1(scheme.data(), qsizetype(scheme.size()))}};
}

}  // namespace

QJsonObject OllamaController::modelJson(const Model &model) const {
    const QByteArray digest = QCryptographicHash::hash(model.cachePath.toUtf8(), QCryptographicHash::Sha256).toHex();
    return {{u"name"_s, model.name},
            {u"model"_s, model.name},
            {u"modified_at"_s, model.updatedAt.toUTC().toString(Qt::ISODateWithMs)},
            {u"size"_s, model.diskSizeMb * mebibyte},
            {u"digest"_s, QString::fromLatin1(digest)},
            {u"details"_s, detailsOf(model)}};
}

void OllamaController::version(Exchange &exchange) {
    exchange.send(http::json(200, {{u"version"_s, QCoreApplication::applicationVersion()}}));
}

void OllamaController::tags(Exchange &exchange) {
    QJsonArray list;
    for (const Model &model : m_models.models()) {
        if (!isHere(model)) continue;
        list.append(modelJson(model));
        for (const QString &alias : m_choice.aliasesOf(model)) {
            QJsonObject entry = modelJson(model);
            entry.insert(u"name"_s, alias);
            entry.insert(u"model"_s, alias);
            list.append(entry);
        }
    }
    exchange.send(http::json(200, {{u"models"_s, list}}));
}

void OllamaController::loaded(Exchange &exchange) {
    QJsonArray list;
    const auto loaded = m_inference.loaded();
    if (const auto model = loaded ? m_models.model(loaded->modelId) : std::nullopt) {
        QJsonObject entry = modelJson(*model);
        const qint64 bytes = m_inference.memoryUse().totalBytes();
        entry.insert(u"size"_s, bytes);
        entry.insert(u"size_vram"_s, loaded->device.startsWith("cuda"_L1) ? bytes : 0);
        entry.insert(u"context_length"_s, loaded->contextLength);
        const QDateTime idle = m_inference.idleSince();
        const QDateTime end = (idle.isValid() ? idle : QDateTime::currentDateTimeUtc()).addDuration(m_stays);
        entry.insert(u"expires_at"_s, m_stays.count() > 0 ? end.toString(Qt::ISODateWithMs) : u"9999-12-31T23:59:59Z"_s);
        list.append(entry);
    }
    exchange.send(http::json(200, {{u"models"_s, list}}));
}

void OllamaController::show(Exchange &exchange) {
    JsonReader reader(exchange.json());
    const auto field = reader.has("model"_L1) ? "model"_L1 : "name"_L1;
    reader.require(field);
    const QString name = m_choice.meant(modelName(reader.string(field, 1024)));
    if (!reader.ok()) return exchange.fail(reader.error());
    for (const Model &model : m_models.models()) {
        if (model.name != name && (model.repoId.isEmpty() || model.repoId != name)) continue;
        const QJsonObject config = QJsonDocument::fromJson(model.configJson.toUtf8()).object();
        const auto described = engine::describe(model.configJson.toStdString());
        const QString family = config.value("model_type"_L1).toString();
        QJsonObject info{{u"general.architecture"_s, family}, {u"general.basename"_s, model.name}};
        if (described) {
            info.insert(family + u".context_length"_s, qint64(described->max_positions));
            info.insert(family + u".embedding_length"_s, qint64(described->hidden));
            info.insert(family + u".block_count"_s, qint64(described->depth()));
        }
        const bool generates = !described || described->has_head;
        const QJsonArray capabilities =
            generates ? QJsonArray{u"completion"_s, u"tools"_s, u"thinking"_s, u"embedding"_s} : QJsonArray{u"embedding"_s};
        exchange.send(http::json(200, {{u"details"_s, detailsOf(model)},
                                       {u"model_info"_s, info},
                                       {u"capabilities"_s, capabilities},
                                       {u"modified_at"_s, model.updatedAt.toUTC().toString(Qt::ISODateWithMs)}}));
        return;
    }
    exchange.fail({ErrorCode::ModelNotFound, u"model '%1' not found"_s.arg(name.left(200)), {}});
}

void OllamaController::chat(Exchange &exchange) {
    const auto request = readChatRequest(exchange.json(), exchange.body());
    if (!request) return exchange.fail(request.error());
    answer(exchange, *request, OllamaAnswer::Form::Chat);
}

void OllamaController::generate(Exchange &exchange) {
    JsonReader reader(exchange.json());
    reader.require("model"_L1);
    const QString name = modelName(reader.string("model"_L1, 1024));
    if (!reader.ok()) return exchange.fail(reader.error());
    // Whether it chats shows once it is there.
    m_choice.with(exchange, name, [this, &exchange, written = exchange.body()] {
        const auto loaded = m_inference.loaded();
        const auto request = readGenerateRequest(exchange.json(), loaded && loaded->hasChatTemplate, written);
        if (!request) return exchange.fail(request.error());
        answer(exchange, *request, OllamaAnswer::Form::Generate);
    });
}

void OllamaController::answer(Exchange &exchange, const openai::ChatRequest &request, OllamaAnswer::Form form) {
    m_choice.with(exchange, request.common.model, [this, &exchange, request, form] {
        // Without a text a client only wants the model to be loaded.
        if (request.input.messages.isEmpty() && (!request.text || request.text->text.isEmpty()))
            return exchange.send(
                http::json(200, {{u"model"_s, request.common.model}, {u"done"_s, true}, {u"done_reason"_s, u"load"_s}}));
        new OllamaAnswer(exchange, m_inference, request, form, m_totals);
    });
}

void OllamaController::embed(Exchange &exchange) {
    JsonReader reader(exchange.json());
    reader.require("model"_L1);
    reader.require("input"_L1);
    const QString name = modelName(reader.string("model"_L1, 1024));
    QList<QString> texts;
    const QJsonValue input = reader.value("input"_L1);
    const QJsonArray list = input.isString() ? QJsonArray{input} : input.toArray();
    for (const QJsonValue &text : list) {
        if (!text.isString()) reader.fail(u"input"_s, u"must be a string or a list of strings"_s);
        texts.append(text.toString());
    }
    if (texts.isEmpty()) reader.fail(u"input"_s, u"must be a string or a list of strings"_s);
    if (texts.size() > openai::maxPrompts)
        reader.fail(u"input"_s, u"must have at most %1 texts, not %2"_s.arg(openai::maxPrompts).arg(texts.size()));
    if (!reader.ok()) return exchange.fail(reader.error());
    embedTexts(exchange, name, texts, false);
}

void OllamaController::embeddings(Exchange &exchange) {
    JsonReader reader(exchange.json());
    reader.require("model"_L1);
    reader.require("prompt"_L1);
    const QString name = modelName(reader.string("model"_L1, 1024)), text = reader.string("prompt"_L1);
    if (!reader.ok()) return exchange.fail(reader.error());
    embedTexts(exchange, name, {text}, true);
}

void OllamaController::embedTexts(Exchange &exchange, const QString &name, const QList<QString> &texts, bool one) {
    EmbeddingRequest request;
    for (const QString &text : texts) request.inputs.append(TextInput{text, true});
    m_choice.with(exchange, name, [this, &exchange, name, one, request] {
        Generation *generation = m_inference.embed(request, &exchange);
        QObject::connect(generation, &Generation::embedded, &exchange,
                         [this, &exchange, name, one](const Embeddings &embeddings) { tell(exchange, name, one, embeddings); });
        QObject::connect(generation, &Generation::failed, &exchange, [&exchange](const Error &error) { exchange.fail(error); });
        QObject::connect(generation, &Generation::finished, &exchange, [&exchange, name] {
            exchange.fail({ErrorCode::ModelBusy, u"The model '%1' was unloaded meanwhile."_s.arg(name), {}});
        });
    });
}

void OllamaController::tell(Exchange &exchange, const QString &name, bool one, const Embeddings &embeddings) {
    m_totals.prompt += embeddings.promptTokens;
    exchange.when(m_words.run([embeddings, name, one] { return openai::ollamaEmbeddingsJson(embeddings, name, one); }),
                  [&exchange](const QByteArray &json) { exchange.send({.status = 200, .body = json}); });
}

}  // namespace millm::ollama
