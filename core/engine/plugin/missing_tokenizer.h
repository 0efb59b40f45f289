#pragma once

#include "core/engine/tokenizer/tokenizer.h"

namespace millm::engine {

/// Stands where a folder has no tokenizer: the model still continues ids, only text is out of reach.
class MissingTokenizer : public Tokenizer {
public:
    explicit MissingTokenizer(Error reason) : reason_(std::move(reason)) {}

    Result<std::vector<std::int32_t>> encode(std::string_view, bool) const override { return reason_; }
    Result<std::string> decode(std::span<const std::int32_t>, bool) const override { return reason_; }
    std::unique_ptr<StreamDecoder> stream(bool, std::span<const std::int32_t>) const override {
        return std::make_unique<Silence>();
    }
    std::size_t vocab_size() const override { return 0; }
    std::string token(std::int32_t) const override { return {}; }
    std::int32_t id_of(std::string_view) const override { return -1; }
    bool is_special(std::int32_t) const override { return false; }
    std::string token_bytes(std::int32_t) const override { return {}; }

private:
    class Silence : public StreamDecoder {
        std::string push(std::int32_t) override { return {}; }
        std::string settle() override { return {}; }
        std::string finish() override { return {}; }
    };
    Error reason_;
};

}  // namespace millm::engine
