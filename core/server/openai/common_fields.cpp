#include "core/server/openai/common_fields.h"

#include "core/server/openai/answer_form.h"

#include <cmath>
#include <limits>

namespace millm::openai {
namespace {

using http::JsonReader;
using http::wholeNumber;
using namespace Qt::StringLiterals;

constexpr qsizetype maxStops = 64, maxStopLength = 4096, maxStopTokens = 4096, maxBiases = 1024;
constexpr qint64 maxChoices = 128;

void readStop(JsonReader &reader, engine::StopConditions &stop) {
    const auto field = "stop"_L1;
    if (!reader.has(field)) return;
    QJsonArray words;
    if (reader.value(field).isString())
        words = {reader.value(field)};
    else if (reader.value(field).isArray())
        words = reader.value(field).toArray();
    else
        reader.fail(field, u"must be a string or a list of strings"_s);
    if (words.size() > maxStops) reader.fail(field, u"must have at most %1 strings, not %2"_s.arg(maxStops).arg(words.size()));
    for (const QJsonValue &word : std::as_const(words)) {
        if (!word.isString() || word.toString().isEmpty()) reader.fail(field, u"must hold strings that are not empty"_s);
        if (word.toString().size() > maxStopLength)
            reader.fail(field,
                        u"must hold strings of at most %1 characters, not %2"_s.arg(maxStopLength).arg(word.toString().size()));
        if (!reader.ok()) return;
        stop.stop_strings.push_back(word.toString().toStdString());
    }
}

void readBias(JsonReader &reader, engine::SamplingOptions &sampling) {
    const auto field = "logit_bias"_L1;
    const auto biases = reader.object(field);
    if (!biases) return;
    if (biases->size() > maxBiases) reader.fail(field, u"must have at most %1 tokens"_s.arg(maxBiases));
    for (auto bias = biases->begin(); bias != biases->end(); ++bias) {
        bool ok = false;
        const int id = bias.key().toInt(&ok);
        const double value = bias.value().toDouble(1000);
        if (!ok || id < 0) reader.fail(field, u"must have token ids as keys, not '%1'"_s.arg(bias.key().left(40)));
        if (!(std::abs(value) <= 100)) reader.fail(field, u"must have values between -100 and 100"_s);
        sampling.logit_bias.emplace_back(id, static_cast<float>(value));
    }
}

void readSampling(JsonReader &reader, engine::SamplingOptions &sampling) {
    sampling.temperature = reader.number("temperature"_L1, 0, 2).value_or(1.0);
    // 0 leaves the likeliest token, like the smallest positive number does.
    sampling.top_p = std::max(reader.number("top_p"_L1, 0, 1).value_or(1.0), 1e-9);
    sampling.top_k = std::max<qint64>(reader.integer("top_k"_L1, -1, std::numeric_limits<qint32>::max()).value_or(0), 0);
    sampling.min_p = reader.number("min_p"_L1, 0, 1).value_or(0.0);
    sampling.frequency_penalty = reader.number("frequency_penalty"_L1, -2, 2).value_or(0.0);
    sampling.presence_penalty = reader.number("presence_penalty"_L1, -2, 2).value_or(0.0);
    sampling.repetition_penalty = reader.number("repetition_penalty"_L1, 0.01, 10).value_or(1.0);
    if (const auto seed = reader.integer("seed"_L1, std::numeric_limits<qint64>::min()))
        sampling.seed = static_cast<std::uint64_t>(*seed);
    readBias(reader, sampling);
}

void readStopConditions(JsonReader &reader, engine::StopConditions &stop, qint64 leastTokens) {
    // -1 is what some clients send for "as many as there is room for".
    const auto limit = [&](QLatin1StringView name) {
        if (wholeNumber(reader.value(name)) == -1) return std::optional<qint64>();
        return reader.integer(name, leastTokens);
    };
    const auto newer = limit("max_completion_tokens"_L1), older = limit("max_tokens"_L1);
    if (newer || older) stop.max_new_tokens = newer ? *newer : *older;
    stop.ignore_eos = reader.boolean("ignore_eos"_L1, false);
    stop.min_new_tokens = reader.integer("min_tokens"_L1, 0).value_or(0);
    if (stop.max_new_tokens > 0 && stop.min_new_tokens > stop.max_new_tokens)
        reader.fail("min_tokens"_L1,
                    u"is %1, more than the %2 of max_tokens"_s.arg(stop.min_new_tokens).arg(stop.max_new_tokens));
    if (const auto ids = reader.ids("stop_token_ids"_L1, maxStopTokens)) stop.stop_tokens.assign(ids->begin(), ids->end());
    readStop(reader, stop);
}

void readStream(JsonReader &reader, CommonFields &fields) {
    fields.stream = reader.boolean("stream"_L1, false);
    const auto options = reader.object("stream_options"_L1);
    if (!options) return;
    if (!fields.stream) reader.fail(u"stream_options"_s, u"only goes with stream: true"_s);
    JsonReader inner(*options, u"stream_options."_s);
    fields.includeUsage = inner.boolean("include_usage"_L1, false);
    if (!inner.ok()) reader.fail(u"stream_options.include_usage"_s, u"must be true or false"_s);
}

}  // namespace

std::optional<Error> checkScores(qint64 tokens, int top) {
    if (top < 0 || tokens * (top + 1) <= mostScores) return {};
    return Error{
        ErrorCode::InvalidRequest,
        u"The logprobs of %1 tokens with %2 others beside each are %3; at most %4 are held until an answer is whole: ask "
        u"for fewer tokens or choices, or for a stream."_s.arg(tokens)
            .arg(top)
            .arg(tokens * (top + 1))
            .arg(mostScores),
        {{u"field"_s, u"logprobs"_s}}};
}

bool never(const QJsonValue &) {
    return false;
}

bool isFalse(const QJsonValue &value) {
    return value.isBool() && !value.toBool();
}

CommonFields readCommon(JsonReader &reader, qint64 leastTokens, const QByteArray &written) {
    CommonFields fields;
    reader.require("model"_L1);
    fields.model = reader.string("model"_L1, 1024);
    fields.n = static_cast<int>(reader.integer("n"_L1, 1, maxChoices).value_or(1));
    fields.returnTokenIds = reader.boolean("return_token_ids"_L1, false);
    fields.skipSpecialTokens = reader.boolean("skip_special_tokens"_L1, true);
    readStream(reader, fields);
    readSampling(reader, fields.sampling);
    readStopConditions(reader, fields.stop, leastTokens);
    fields.form = readAnswerForm(reader, written);
    return fields;
}

void refuseUnsupported(JsonReader &reader, std::span<const UnsupportedField> fields) {
    for (const auto &[name, harmless] : fields) {
        if (reader.has(name) && !harmless(reader.value(name))) reader.fail(name, u"is not supported by this server"_s);
    }
}

GenerationRequest generationFor(const CommonFields &fields, PromptInput input, int choice) {
    GenerationRequest request{.input = std::move(input), .sampling = fields.sampling, .stop = fields.stop};
    request.skipSpecialTokens = fields.skipSpecialTokens;
    request.form = fields.form;
    request.calls = fields.calls;
    // Choices of one seed must differ, and be the same next time.
    if (request.sampling.seed) *request.sampling.seed += static_cast<std::uint64_t>(choice);
    return request;
}

}  // namespace millm::openai
