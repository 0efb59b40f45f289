#include "core/server/management/model_controller.h"

#include "core/base/errors.h"
#include "core/base/pasted_text.h"
#include "core/models/model_service.h"
#include "core/server/http/exchange.h"
#include "core/server/http/json_reader.h"
#include "core/server/management/model_json.h"

#include <QJsonArray>

#include <algorithm>

namespace millm::management {
namespace {

using http::Exchange;
using http::JsonReader;
using namespace Qt::StringLiterals;

constexpr qsizetype maxText = 4096;  ///< characters of a path, an id or a token

std::optional<engine::Scheme> readScheme(JsonReader &reader) {
    const auto name = "quantization"_L1;
    if (!reader.require(name)) return {};
    const QString id = reader.string(name, maxText);
    if (!reader.ok()) return {};
    const auto scheme = engine::scheme_from_id(id.toStdString());
    if (scheme) return scheme;
    QStringList known;
    for (const engine::SchemeInfo &info : engine::schemes())
        known += QString::fromUtf8(info.id.data(), static_cast<qsizetype>(info.id.size()));
    reader.fail(name, u"must be one of %1"_s.arg(known.join(u", "_s)));
    return {};
}

/// What goes into an Authorization header: visible ASCII, or it could carry headers of its own.
QString readToken(JsonReader &reader) {
    const QString token = pasted(reader.string("hf_token"_L1, maxText));
    const bool plain = std::ranges::all_of(token, [](QChar c) { return c.unicode() > 0x20 && c.unicode() < 0x7f; });
    if (!plain) reader.fail(u"hf_token"_s, u"must be printable ASCII without spaces"_s);
    return token;
}

QString readName(JsonReader &reader) {
    const auto field = "custom_name"_L1;
    if (!reader.has(field)) return {};
    const QString name = reader.string(field, 255);
    const bool fine = !name.isEmpty() && std::ranges::all_of(name, [](QChar c) {
        return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || c == u'-' || c == u'_' ||
               c == u'.';
    });
    if (!fine) reader.fail(field, u"must be 1 to 255 letters, digits, '-', '_' or '.'"_s);
    return name;
}

}  // namespace

void answer(Exchange &exchange, int status, const QJsonValue &data) {
    exchange.send(http::json(status, {{u"success"_s, true}, {u"data"_s, data}}));
}

void ModelController::list(Exchange &exchange) {
    QJsonArray models;
    for (const Model &model : m_models.models()) models.append(toJson(model, m_models.downloadProgress(model.id)));
    answer(exchange, 200, models);
}

/// The id in the path where there is such a model; otherwise the answer is given.
std::optional<qint64> ModelController::existing(Exchange &exchange) const {
    bool ok = false;
    const QByteArray text = exchange.capture();
    const qint64 id = text.startsWith('+') || text != text.trimmed() ? 0 : text.toLongLong(&ok);
    if (ok && id > 0 && m_models.model(id)) return id;
    exchange.fail(errors::modelNotFound(ok ? id : 0));
    return {};
}

void ModelController::show(Exchange &exchange) {
    if (const auto id = existing(exchange)) answer(exchange, 200, toJson(*m_models.model(*id), m_models.downloadProgress(*id)));
}

void ModelController::answerModel(Exchange &exchange, int status, QFuture<Result<Model>> future) {
    exchange.when(future, [this, &exchange, status](const Result<Model> &result) {
        if (!result)
            exchange.fail(result.error());
        else
            answer(exchange, status, toJson(*result, m_models.downloadProgress(result->id)));
    });
}

void ModelController::create(Exchange &exchange) {
    static constexpr std::pair<QLatin1StringView, ModelSource> sources[] = {{"huggingface"_L1, ModelSource::HuggingFace},
                                                                            {"local"_L1, ModelSource::Local}};
    JsonReader reader(exchange.json());
    reader.require("source"_L1);
    const auto source = reader.choice<ModelSource>("source"_L1, sources);
    if (!reader.ok())
        exchange.fail(reader.error());
    else if (*source == ModelSource::Local)
        createFromFolder(exchange, reader);
    else
        createFromHub(exchange, reader);
}

void ModelController::createFromHub(Exchange &exchange, JsonReader &reader) {
    DownloadRequest request;
    reader.require("repo_id"_L1);
    request.repoId = reader.string("repo_id"_L1, maxText);
    const auto scheme = readScheme(reader);
    request.trustRemoteCode = reader.boolean("trust_remote_code"_L1, false);
    request.token = readToken(reader);
    request.customName = readName(reader);
    if (!reader.ok()) {
        exchange.fail(reader.error());
        return;
    }
    request.quantization = *scheme;
    answerModel(exchange, 202, m_models.download(std::move(request)));
}

void ModelController::createFromFolder(Exchange &exchange, JsonReader &reader) {
    LocalRequest request;
    reader.require("local_path"_L1);
    request.path = reader.string("local_path"_L1, maxText);
    const auto scheme = readScheme(reader);
    request.trustRemoteCode = reader.boolean("trust_remote_code"_L1, false);
    request.customName = readName(reader);
    if (!reader.ok()) {
        exchange.fail(reader.error());
        return;
    }
    request.quantization = *scheme;
    answerModel(exchange, 201, m_models.addLocal(std::move(request)));
}

void ModelController::preview(Exchange &exchange) {
    JsonReader reader(exchange.json());
    reader.require("repo_id"_L1);
    const QString repoId = reader.string("repo_id"_L1, maxText);
    const QString token = readToken(reader);
    if (!reader.ok()) {
        exchange.fail(reader.error());
        return;
    }
    exchange.when(m_models.preview(repoId, token), [&exchange](const Result<ModelPreview> &result) {
        if (!result)
            exchange.fail(result.error());
        else
            answer(exchange, 200, toJson(*result));
    });
}

void ModelController::load(Exchange &exchange) {
    const auto id = existing(exchange);
    if (!id) return;
    JsonReader reader(exchange.json());
    LoadRequest request;
    request.force = reader.boolean("force"_L1, false);
    request.contextLength = reader.integer("context_length"_L1, 1);
    if (const QString device = reader.string("device"_L1, 32); !device.isEmpty())
        request.device = device == "auto"_L1 ? QString() : device;
    const QString wait = exchange.queryValue(u"wait"_s);
    if (!wait.isNull() && wait != "true"_L1 && wait != "false"_L1) reader.fail(u"wait"_s, u"must be true or false"_s);
    if (!reader.ok()) {
        exchange.fail(reader.error());
        return;
    }
    if (wait != "true"_L1) {
        answerModel(exchange, 202, m_models.load(*id, request));
        return;
    }
    exchange.when(m_models.load(*id, request), [this, &exchange, id = *id](const Result<Model> &started) {
        if (!started)
            exchange.fail(started.error());
        else
            answerModel(exchange, 200, m_models.loadFinished(id));
    });
}

void ModelController::unload(Exchange &exchange) {
    if (const auto id = existing(exchange)) answerModel(exchange, 200, m_models.unload(*id));
}

void ModelController::cancel(Exchange &exchange) {
    const auto id = existing(exchange);
    if (!id) return;
    exchange.when(m_models.cancel(*id), [&exchange](const Result<void> &result) {
        if (!result)
            exchange.fail(result.error());
        else
            answer(exchange, 200, QJsonValue::Null);
    });
}

void ModelController::quantize(Exchange &exchange) {
    const auto id = existing(exchange);
    if (!id) return;
    JsonReader reader(exchange.json());
    const auto scheme = readScheme(reader);
    if (reader.ok())
        answerModel(exchange, 202, m_models.quantize(*id, *scheme));
    else
        exchange.fail(reader.error());
}

void ModelController::remove(Exchange &exchange) {
    const auto id = existing(exchange);
    if (!id) return;
    exchange.when(m_models.remove(*id), [&exchange](const Result<void> &result) {
        if (!result)
            exchange.fail(result.error());
        else
            answer(exchange, 200, QJsonValue::Null);
    });
}

void ModelController::change(Exchange &exchange) {
    const auto id = existing(exchange);
    if (!id) return;
    JsonReader reader(exchange.json());
    const QJsonValue wished = reader.value("context_length"_L1);
    // null: what fits.
    const qint64 context = reader.integer("context_length"_L1, 1).value_or(0);
    if (wished.isUndefined() || !reader.value("name"_L1).isUndefined()) reader.require("name"_L1);
    const QString name = reader.string("name"_L1, maxText);
    if (!reader.ok()) return exchange.fail(reader.error());
    if (wished.isUndefined()) return answerModel(exchange, 200, m_models.rename(*id, name));
    exchange.when(m_models.setContextLength(*id, context),
                  [this, &exchange, id = *id, name, renames = reader.has("name"_L1)](const Result<Model> &set) {
                      if (!set)
                          exchange.fail(set.error());
                      else if (renames)
                          answerModel(exchange, 200, m_models.rename(id, name));
                      else
                          answer(exchange, 200, toJson(*set, m_models.downloadProgress(id)));
                  });
}

}  // namespace millm::management
