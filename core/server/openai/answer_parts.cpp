#include "core/server/openai/answer_parts.h"

#include "core/inference/inference_service.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QRandomGenerator>

namespace millm::openai {

using namespace Qt::StringLiterals;

AnswerHead AnswerHead::make(QLatin1StringView idPrefix, QLatin1StringView object, const QString &model) {
    const QString id = idPrefix + QString::number(QRandomGenerator::global()->generate64(), 16).rightJustified(16, u'0');
    return {id, object, model, QDateTime::currentSecsSinceEpoch()};
}

QJsonObject AnswerHead::json() const {
    // The same seed makes the same answer as long as this stays the same.
    const QString fingerprint = u"millm-"_s + QCoreApplication::applicationVersion();
    return {{u"id"_s, id},
            {u"object"_s, object},
            {u"created"_s, created},
            {u"model"_s, model},
            {u"system_fingerprint"_s, fingerprint}};
}

std::optional<Error> checkModel(const InferenceService &inference, const QString &name) {
    const auto loaded = inference.loaded();
    if (!loaded) return Error{ErrorCode::ModelNotLoaded, u"No model is loaded."_s, {}};
    if (!loaded->answersTo(name)) {
        return Error{ErrorCode::ModelNotFound,
                     u"The model '%1' is not loaded; '%2' is."_s.arg(name.left(200), loaded->name),
                     {{u"field"_s, u"model"_s}}};
    }
    if (!inference.accepting()) return Error{ErrorCode::ModelBusy, u"The model '%1' is being unloaded."_s.arg(name), {}};
    return {};
}

QString finishReason(engine::FinishReason reason) {
    switch (reason) {
        case engine::FinishReason::Length:
            return u"length"_s;
        case engine::FinishReason::Cancelled:
        case engine::FinishReason::Failed:
            return u"timeout"_s;
        case engine::FinishReason::None:
        case engine::FinishReason::Stop:
            break;
    }
    return u"stop"_s;
}

QJsonObject Usage::json() const {
    return {{u"prompt_tokens"_s, prompt},
            {u"completion_tokens"_s, completion},
            {u"total_tokens"_s, prompt + completion},
            {u"prompt_tokens_details"_s, QJsonObject{{u"cached_tokens"_s, cached}}},
            {u"completion_tokens_details"_s, QJsonObject{{u"reasoning_tokens"_s, reasoning}}}};
}

QJsonArray idsJson(const QList<qint32> &ids) {
    QJsonArray list;
    for (const qint32 id : ids) list.append(id);
    return list;
}

}  // namespace millm::openai
