#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/input/json_value.h"
#include "core/engine/result.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// Reads fields of a config.json and remembers the first one that is missing or absurd, so that a family's file reads as
/// a list of fields and asks once at its end.
class ConfigReader {
public:
    static Result<ConfigReader> parse(std::string_view config_json);

    bool has(const char *key) const;  ///< there and not null
    /// A count in [1, limit], spelled as a whole number (64.0 is none, as in transformers). Without `fallback` the field has
    /// to be there.
    std::int64_t count(const char *key, std::optional<std::int64_t> fallback = {}, std::int64_t limit = 1 << 28);
    double positive(const char *key, double fallback);
    bool flag(const char *key, bool fallback);
    std::string text(const char *key, std::string_view fallback);
    /// One id, a list of ids, or null; `fallback` only where the key is absent.
    std::vector<std::int32_t> token_ids(const char *key, std::vector<std::int32_t> fallback);
    std::vector<std::string> texts(const char *key);  ///< a list of texts, or one; empty where it is absent
    /// The quant_method of `quantization_config`; empty where the weights are not quantized.
    std::string quantization_method();
    Activation activation(const char *key, std::string_view fallback);
    /// `rope_parameters` (new) or `rope_theta` with `rope_scaling` (old).
    RopeDescription rope(std::int64_t head_dim, std::int64_t max_positions, double default_theta = 10000.0);
    /// Sliding window by layer from `sliding_window` and, where given, `layer_types`; empty where all attention is full.
    std::vector<std::int64_t> windows(std::int64_t layers, std::int64_t fallback);

    void fail(ErrorCode code, std::string message, std::int64_t wanted = 0, std::int64_t got = 0);
    const std::optional<Error> &error() const { return error_; }
    const JsonValue &json() const { return json_; }

private:
    explicit ConfigReader(JsonValue json) : json_(std::move(json)) {}
    /// Says that a field is not what it should be.
    void misfit(const char *key, const JsonValue &field, const char *wanted);
    std::int64_t count_in(const JsonValue &object, const char *key, std::optional<std::int64_t> fallback, std::int64_t limit);
    double number_in(const JsonValue &object, const char *key, double fallback,
                     double limit = std::numeric_limits<double>::max());
    std::string text_in(const JsonValue &object, const char *key, std::string_view fallback);

    JsonValue json_;
    std::optional<Error> error_;
};

}  // namespace millm::engine
