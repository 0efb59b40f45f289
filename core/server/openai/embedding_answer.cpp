#include "core/server/openai/embedding_answer.h"

#include "core/server/http/exchange.h"
#include "core/server/openai/answer_parts.h"

#include <QtEndian>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace millm::openai {
namespace {

using namespace Qt::StringLiterals;

/// The first numbers of a vector, of length one again.
std::vector<float> shortened(std::span<const float> vector, std::size_t size) {
    std::vector<float> result(vector.begin(), vector.begin() + std::ptrdiff_t(size));
    double squares = 0;
    for (const float value : result) squares += double(value) * double(value);
    if (squares > 0)
        for (float &value : result) value = float(double(value) / std::sqrt(squares));
    return result;
}

/// Each number with as many digits as tell it apart from its neighbours.
void appendNumbers(QByteArray &json, std::span<const float> vector) {
    json += '[';
    std::array<char, 32> digits;
    for (std::size_t i = 0; i < vector.size(); ++i) {
        if (i > 0) json += ',';
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), vector[i]).ptr;
        json.append(digits.data(), end - digits.data());
    }
    json += ']';
}

void appendBase64(QByteArray &json, std::span<const float> vector) {
    QByteArray bytes(qsizetype(vector.size_bytes()), Qt::Uninitialized);
    qToLittleEndian<float>(vector.data(), qsizetype(vector.size()), bytes.data());
    json += '"' + bytes.toBase64() + '"';
}

}  // namespace

EmbeddingAnswer::EmbeddingAnswer(http::Exchange &exchange, InferenceService &inference, EmbeddingsRequest request,
                                 TokenTotals &totals)
    : QObject(&exchange),
      m_exchange(exchange),
      m_totals(totals),
      m_model(request.model),
      m_base64(request.base64),
      m_dimensions(request.dimensions) {
    const qint64 size = inference.loaded() ? inference.loaded()->embeddingSize : 0;
    if (m_dimensions && size > 0 && *m_dimensions > size) {
        exchange.fail({ErrorCode::InvalidRequest,
                       u"'dimensions' must be at most %1, the size of the model's vectors."_s.arg(size),
                       {{u"field"_s, u"dimensions"_s}}});
        return;
    }
    auto *generation = inference.embed({std::move(request.inputs)}, this);
    connect(generation, &Generation::embedded, this, &EmbeddingAnswer::answer);
    connect(generation, &Generation::failed, this, [this](const Error &error) { m_exchange.fail(error); });
    connect(generation, &Generation::finished, this,
            [this] { m_exchange.fail({ErrorCode::ModelBusy, u"The model '%1' was unloaded meanwhile."_s.arg(m_model), {}}); });
}

void EmbeddingAnswer::answer(const Embeddings &embeddings) {
    m_totals.prompt += embeddings.promptTokens;
    QByteArray json = R"({"object":"list","data":[)";
    for (std::size_t i = 0; i < embeddings.vectors.size(); ++i) {
        const std::vector<float> &whole = embeddings.vectors[i];
        const std::vector<float> vector = m_dimensions ? shortened(whole, std::size_t(*m_dimensions)) : whole;
        if (i > 0) json += ',';
        json += R"({"object":"embedding","index":)" + QByteArray::number(qulonglong(i)) + R"(,"embedding":)";
        if (m_base64)
            appendBase64(json, vector);
        else
            appendNumbers(json, vector);
        json += '}';
    }
    const QJsonObject rest{
        {u"model"_s, m_model},
        {u"usage"_s, QJsonObject{{u"prompt_tokens"_s, embeddings.promptTokens}, {u"total_tokens"_s, embeddings.promptTokens}}}};
    json += "]," + QJsonDocument(rest).toJson(QJsonDocument::Compact).sliced(1);
    m_exchange.send({.status = 200, .body = std::move(json)});
}

}  // namespace millm::openai
