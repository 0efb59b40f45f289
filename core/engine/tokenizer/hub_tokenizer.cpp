#include "core/engine/tokenizer/hub_tokenizer.h"

#include "core/engine/input/json.h"
#include "core/engine/tokenizer/shim/shim.h"
#include "core/engine/tokenizer/stream_decoders.h"

#include <limits>

namespace millm::engine {

namespace {

const std::uint8_t *bytes(std::string_view text) {
    return reinterpret_cast<const std::uint8_t *>(text.data());
}

std::string take(MillmTokenizerText text) {
    std::string out(reinterpret_cast<const char *>(text.data), text.size);
    millm_tokenizer_free_text(text);
    return out;
}

}  // namespace

void HubTokenizer::Close::operator()(MillmTokenizerHandle *handle) const {
    millm_tokenizer_close(handle);
}

Result<std::unique_ptr<Tokenizer>> HubTokenizer::open(std::string_view json, const SpecialTokens &special,
                                                      const std::string &what) {
    MillmTokenizerHandle *handle = nullptr;
    MillmTokenizerText error{};
    if (!millm_tokenizer_open(bytes(json), json.size(), &handle, &error)) {
        return Error{ErrorCode::InvalidFile, what + " is no tokenizer: " + take(error)};
    }
    std::unique_ptr<HubTokenizer> tokenizer(new HubTokenizer(Handle(handle)));
    if (auto described = tokenizer->describe(); !described) return std::move(described).error();
    if (auto added = tokenizer->add(special); !added) return std::move(added).error();
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

Result<void> HubTokenizer::add(const SpecialTokens &special) {
    auto missing = JsonValue::list();
    auto next_id = std::int64_t(vocab_size());
    for (const auto &token : special.tokens) {
        const auto id = id_of(token.content);
        // A new token keeps the id its file gives it; one without an id would land outside the model's vocabulary. One that the
        // vocabulary has becomes special, or at least whole where the file means this very id.
        const bool fits = id < 0          ? token.id == next_id
                          : token.special ? !is_special(id)
                                          : token.id == id && !m_whole.contains(id);
        if (!fits) continue;
        if (id < 0) ++next_id;
        missing.push_back(JsonValue::object({{"content", token.content},
                                             {"single_word", token.single_word},
                                             {"lstrip", token.lstrip},
                                             {"rstrip", token.rstrip},
                                             {"normalized", token.normalized},
                                             {"special", token.special}}));
    }
    if (missing.items().empty()) return {};
    const auto text = missing.dump();
    MillmTokenizerText error{};
    if (!millm_tokenizer_add(m_handle.get(), bytes(text), text.size(), &error)) {
        return Error{ErrorCode::InvalidFile, "tokenizer_config.json names tokens that cannot be added: " + take(error)};
    }
    return describe();
}

Result<void> HubTokenizer::describe() {
    MillmTokenizerText text{}, error{};
    if (!millm_tokenizer_describe(m_handle.get(), &text, &error)) return Error{ErrorCode::Internal, take(error)};
    const auto description = parse_json_object(take(text), "the tokenizer's description", long_list_limits);
    if (!description) return description.error();
    if (const JsonValue *decoder = description->find("decoder")) m_decoder = DecoderDescription::of(*decoder);
    m_special.clear();
    m_whole.clear();
    if (const JsonValue *added = description->find("added"))
        for (const JsonValue &token : added->items()) {
            const JsonValue *id = token.find("id");
            if (!id || !id->integer()) continue;
            m_whole.insert(static_cast<std::int32_t>(*id->integer()));
            if (token.flag("special")) m_special.insert(static_cast<std::int32_t>(*id->integer()));
        }
    return {};
}

Result<std::vector<std::int32_t>> HubTokenizer::encode(std::string_view text, bool special) const {
    MillmTokenizerIds ids{};
    MillmTokenizerText error{};
    if (!millm_tokenizer_encode(m_handle.get(), bytes(text), text.size(), special, &ids, &error)) {
        return Error{ErrorCode::InvalidArgument, "the text cannot be tokenized: " + take(error)};
    }
    std::vector<std::int32_t> out(ids.data, ids.data + ids.size);
    millm_tokenizer_free_ids(ids);
    return out;
}

Result<std::string> HubTokenizer::decode(std::span<const std::int32_t> ids, bool skip_special) const {
    std::vector<std::uint32_t> unsigned_ids;
    unsigned_ids.reserve(ids.size());
    for (const auto id : ids) {
        if (id < 0) return Error{ErrorCode::InvalidArgument, "a token id is negative", 0, id};
        unsigned_ids.push_back(std::uint32_t(id));
    }
    MillmTokenizerText text{}, error{};
    if (!millm_tokenizer_decode(m_handle.get(), unsigned_ids.data(), unsigned_ids.size(), skip_special, &text, &error)) {
        return Error{ErrorCode::InvalidArgument, "the tokens cannot be decoded: " + take(error)};
    }
    return take(text);
}

std::unique_ptr<StreamDecoder> HubTokenizer::stream(bool skip_special, std::span<const std::int32_t> context) const {
    if (m_decoder.only_byte_level) return std::make_unique<ByteStreamDecoder>(*this, skip_special, context);
    return std::make_unique<WindowStreamDecoder>(*this, skip_special, context);
}

std::size_t HubTokenizer::vocab_size() const {
    return millm_tokenizer_vocab_size(m_handle.get());
}

std::string HubTokenizer::token(std::int32_t id) const {
    MillmTokenizerText text{};
    if (id < 0 || !millm_tokenizer_token(m_handle.get(), std::uint32_t(id), &text)) return {};
    return take(text);
}

std::int32_t HubTokenizer::id_of(std::string_view token) const {
    const auto id = millm_tokenizer_id(m_handle.get(), bytes(token), token.size());
    return id < 0 || id > std::numeric_limits<std::int32_t>::max() ? -1 : std::int32_t(id);
}

bool HubTokenizer::is_special(std::int32_t id) const {
    return m_special.contains(id);
}

std::string HubTokenizer::token_bytes(std::int32_t id) const {
    return m_decoder.bytes_of(token(id));
}

}  // namespace millm::engine
