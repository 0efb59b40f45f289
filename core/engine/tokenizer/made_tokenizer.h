#pragma once

#include "core/engine/input/json_value.h"
#include "core/engine/tokenizer/tokenizer_setup.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace millm::engine {

/// The ids of a vocabulary's tokens, with those that are added to it.
class TokenIds {
public:
    void set(std::string token, std::int64_t id) { m_ids[std::move(token)] = id; }
    std::int64_t of(const std::string &token) const;  ///< -1 where there is none
    std::int64_t count() const { return std::int64_t(m_ids.size()); }

private:
    std::unordered_map<std::string, std::int64_t> m_ids;
};

/// A tokenizer.json in the making, of a vocabulary that stands alone in its repository.
struct MadeTokenizer {
    JsonValue normalizer, pre_tokenizer, post_processor, decoder, model;
    TokenIds ids;
    std::vector<ConfiguredToken> added;

    /// What happens to tokens that the vocabulary lacks and no file gives an id: they get the next ones, or are left out, since
    /// the model may have no such rows.
    enum class Unnumbered : std::uint8_t { Append, LeaveOut };
    /// Makes tokens whole: never split, found before all else. One with an id that neither the vocabulary has nor is the next
    /// one is left out. Of several with the same content the first one's flags count.
    void add(const std::vector<ConfiguredToken> &tokens, Unnumbered unnumbered = Unnumbered::LeaveOut);
    /// Adds what configuration files name, then the class's own tokens ({"bos_token", "<s>"}…) where they do not speak of them.
    void add_configured(const TokenizerSetup &setup, const std::vector<std::pair<const char *, const char *>> &usual,
                        Unnumbered unnumbered = Unnumbered::LeaveOut);
    /// Puts tokens around a text where special tokens are asked for. InvalidFile where the vocabulary lacks one.
    Result<void> surround(const std::vector<std::string> &before, const std::vector<std::string> &after);
    /// The same with bos_token and eos_token, as far as add_bos_token and add_eos_token say so.
    Result<void> surround_as_configured(const TokenizerSetup &setup, const char *usual_bos, const char *usual_eos,
                                        bool usually_bos = false);
    /// The text of the file.
    std::string text() const;
};

/// Parts of a tokenizer.json, as the reference library writes them.
namespace json_part {
JsonValue byte_level(bool add_prefix_space, bool use_regex);
JsonValue metaspace(const char *prepend_scheme, bool split);
JsonValue split_regex(std::string pattern);
JsonValue replace_text(const char *text, const char *by);
JsonValue replace_regex(const char *pattern, const char *by);
JsonValue normalizers(JsonValue::List parts);  ///< null where there are none
JsonValue pre_tokenizers(JsonValue::List parts);
JsonValue decoders(JsonValue::List parts);
JsonValue of_type(const char *type);  ///< without members
}  // namespace json_part

}  // namespace millm::engine
