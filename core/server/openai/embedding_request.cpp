#include "core/server/openai/embedding_request.h"

#include "core/server/http/json_reader.h"
#include "core/server/openai/prompt_inputs.h"

namespace millm::openai {

using namespace Qt::StringLiterals;

Result<EmbeddingsRequest> readEmbeddingsRequest(const QJsonObject &body) {
    http::JsonReader reader(body);
    EmbeddingsRequest request;
    reader.require("model"_L1);
    request.model = reader.string("model"_L1);
    request.inputs = readPrompts(reader, "input"_L1);
    constexpr std::pair<QLatin1StringView, bool> formats[] = {{"float"_L1, false}, {"base64"_L1, true}};
    request.base64 = reader.choice<bool>("encoding_format"_L1, formats).value_or(false);
    request.dimensions = reader.integer("dimensions"_L1, 1);
    if (!reader.ok()) return reader.error();
    return request;
}

}  // namespace millm::openai
