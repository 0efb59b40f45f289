#include "core/server/openai/vector_json.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtEndian>

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

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

/// The members of an object behind those that were written by hand.
QByteArray rest(const QJsonObject &members) {
    return ',' + QJsonDocument(members).toJson(QJsonDocument::Compact).sliced(1);
}

}  // namespace

QByteArray embeddingsJson(const Embeddings &embeddings, const QString &model, const VectorForm &form) {
    QByteArray json = R"({"object":"list","data":[)";
    for (std::size_t i = 0; i < embeddings.vectors.size(); ++i) {
        const std::vector<float> &whole = embeddings.vectors[i];
        const std::vector<float> vector = form.dimensions ? shortened(whole, std::size_t(*form.dimensions)) : whole;
        if (i > 0) json += ',';
        json += R"({"object":"embedding","index":)" + QByteArray::number(qulonglong(i)) + R"(,"embedding":)";
        if (form.base64)
            appendBase64(json, vector);
        else
            appendNumbers(json, vector);
        json += '}';
    }
    return json + ']' +
           rest({{u"model"_s, model},
                 {u"usage"_s,
                  QJsonObject{{u"prompt_tokens"_s, embeddings.promptTokens}, {u"total_tokens"_s, embeddings.promptTokens}}}});
}

QByteArray ollamaEmbeddingsJson(const Embeddings &embeddings, const QString &model, bool one) {
    QByteArray json = one ? R"({"embedding":)" : R"({"embeddings":[)";
    for (std::size_t i = 0; i < embeddings.vectors.size(); ++i) {
        if (i > 0) json += ',';
        appendNumbers(json, embeddings.vectors[i]);
    }
    return one ? json + '}' : json + ']' + rest({{u"model"_s, model}, {u"prompt_eval_count"_s, embeddings.promptTokens}});
}

}  // namespace millm::openai
