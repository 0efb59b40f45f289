#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/input/json_value.h"
#include "core/engine/result.h"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// Reads fields of a config.json and remembers the first one that is missing or absurd, so that a family's file reads as
/// a list of fields and asks once at its end. It also remembers which fields were asked for.
class ConfigReader {
public:
    static Result<ConfigReader> parse(std::string_view config_json);
    explicit ConfigReader(JsonValue json) : json_(std::move(json)) {}

    bool has(const char *key);  ///< there and not null
    /// The first of these keys that is there, or else the first: newer and older spellings of one field.
    const char *first_of(std::initializer_list<const char *> keys);
    /// A count in [1, limit], spelled as a whole number (64.0 is none, as in transformers). Without `fallback` the field has
    /// to be there.
    std::int64_t count(const char *key, std::optional<std::int64_t> fallback = {}, std::int64_t limit = 1 << 28);
    /// The same from 0 on: how many of something there may be none of.
    std::int64_t count_or_none(const char *key, std::int64_t fallback, std::int64_t limit = 1 << 28);
    double positive(const char *key, double fallback);  ///< up to 1e9, so that products of it stay numbers
    /// `fallback` only where the key is absent; 0 where it is null or 0.
    double optional(const char *key, double fallback);
    double number(const char *key, double fallback);  ///< of any sign
    bool flag(const char *key, bool fallback);
    std::string text(const char *key, std::string_view fallback);
    /// One id, a list of ids, or null; `fallback` only where the key is absent.
    std::vector<std::int32_t> token_ids(const char *key, std::vector<std::int32_t> fallback);
    std::vector<std::string> texts(const char *key);    ///< a list of texts, or one; empty where it is absent
    std::vector<std::int64_t> counts(const char *key);  ///< a list of whole numbers from 0 on; empty where it is absent
    /// So many numbers of any sign and size; `fallback` where the list is absent.
    std::vector<double> numbers(const char *key, std::vector<double> fallback);
    /// The quant_method of `quantization_config`; empty where the weights are not quantized.
    std::string quantization_method();
    Activation activation(const char *key, std::string_view fallback);

    struct Rope {
        double theta = 10000.0;       ///< where config.json has none
        double share = 1.0;           ///< of a head that is rotated, where config.json does not say
        const char *layer_type = "";  ///< one of several sets in `rope_parameters`: "sliding_attention"
        const char *theta_key = "rope_theta";
        bool scaled = true;  ///< false: the scaling is another layer type's
        bool interleaved = false;
    };
    /// `rope_parameters` (new) or `rope_theta` with `rope_scaling` (old).
    RopeDescription rope(std::int64_t head_dim, std::int64_t max_positions, const Rope &defaults);
    RopeDescription rope(std::int64_t head_dim, std::int64_t max_positions) { return rope(head_dim, max_positions, Rope()); }

    /// A kind a layer: `layer_types`, or `layers_block_type`, where it is there, else `kind` of each; each of them one of
    /// `known`.
    template <class KindOf>
    std::vector<std::string> layer_types(std::int64_t depth, std::initializer_list<std::string_view> known, KindOf kind) {
        std::vector<std::string> types = texts(first_of({"layer_types", "layers_block_type"}));
        if (types.empty())
            for (std::int64_t layer = 0; layer < depth; ++layer) types.emplace_back(kind(layer));
        check_layer_types(types, depth, known);
        return types;
    }
    /// Tokens of `sliding_window`; 0 where it is null or, with `use_key`, where that flag is off.
    std::int64_t window(std::int64_t fallback, const char *use_key = nullptr);

    /// Fields that say nothing about what is computed here.
    void harmless(std::initializer_list<const char *> keys) { read_.insert(keys.begin(), keys.end()); }
    /// Refuses fields that nobody asked for and that nobody knows to be harmless: they might change what is computed.
    void refuse_unread();
    /// Unsupported where the field is there and other than `wanted`.
    void only(const char *key, bool wanted);
    void only(const char *key, double wanted);

    void fail(ErrorCode code, std::string message, std::int64_t wanted = 0, std::int64_t got = 0);
    /// The same where one field is at fault.
    void fail_at(std::string_view field, ErrorCode code, std::string message, std::int64_t wanted = 0, std::int64_t got = 0);
    void unsupported(const char *key, const std::string &what);
    const std::optional<Error> &error() const { return error_; }
    const JsonValue &json() const { return json_; }
    /// A field that is there and not null.
    const JsonValue *given(const char *key);

private:
    /// Says that a field is not what it should be.
    void misfit(const char *key, const JsonValue &field, const char *wanted);
    std::int64_t count_in(const JsonValue &object, const char *key, std::optional<std::int64_t> fallback, std::int64_t least,
                          std::int64_t limit);
    double number_in(const JsonValue &object, const char *key, double fallback,
                     double limit = std::numeric_limits<double>::max());
    std::string text_in(const JsonValue &object, const char *key, std::string_view fallback);
    std::vector<double> factors_in(const JsonValue &object, const char *key, std::int64_t count);
    void read_scaling(const JsonValue &scaling, const char *key, std::int64_t max_positions, RopeDescription &rope);
    void check_layer_types(const std::vector<std::string> &types, std::int64_t depth,
                           std::initializer_list<std::string_view> known);

    JsonValue json_;
    std::set<std::string, std::less<>> read_;
    std::optional<Error> error_;
};

}  // namespace millm::engine
