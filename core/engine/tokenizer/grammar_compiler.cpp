#include "core/engine/tokenizer/grammar_compiler.h"

#include "core/engine/tokenizer/shim/shim.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace millm::engine {

namespace {

constexpr std::size_t kept_grammars = 16;
/// Begins what is no text, in llguidance's vocabularies.
constexpr char special_mark = '\xff';

const std::uint8_t *bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t *>(text.data());
}

Error told(ErrorCode code, MillmTokenizerText &message) {
    Error error{code, std::string(reinterpret_cast<const char *>(message.data), message.size)};
    millm_tokenizer_free_text(message);
    return error;
}

std::string_view kind_name(Grammar::Kind kind) {
    switch (kind) {
        case Grammar::Kind::JsonSchema:
            return "json_schema";
        case Grammar::Kind::Regex:
            return "regex";
        case Grammar::Kind::Lark:
            break;
    }
    return "lark";
}

struct CloseConstraint {
    void operator()(MillmConstraint *constraint) const { millm_constraint_close(constraint); }
};
using Handle = std::unique_ptr<MillmConstraint, CloseConstraint>;

class TokenConstraint : public Constraint {
public:
    TokenConstraint(Handle handle, std::int64_t vocab)
        : handle_(std::move(handle)), vocab_(static_cast<std::size_t>(vocab)), mask_(vocab_ / 32 + 1) {}

    Result<std::span<const std::uint32_t>> mask() override {
        MillmTokenizerText error{};
        // What a grammar may go through at once is limited.
        if (!millm_constraint_mask(handle_.get(), mask_.data(), mask_.size(), &error))
            return told(ErrorCode::InvalidArgument, error);
        std::uint32_t &last = mask_[vocab_ / 32];
        const std::uint32_t end = std::uint32_t{1} << (vocab_ % 32);
        may_end_ = (last & end) != 0;
        last &= ~end;
        return std::span<const std::uint32_t>(mask_).first((vocab_ + 31) / 32);
    }
    bool may_end() const override { return may_end_; }

    Result<void> take(std::int32_t token) override {
        MillmTokenizerText error{};
        if (!millm_constraint_take(handle_.get(), static_cast<std::uint32_t>(token), &ended_, &error))
            return told(ErrorCode::InvalidArgument, error);
        return {};
    }
    bool ended() const override { return ended_; }

private:
    Handle handle_;
    std::size_t vocab_;
    std::vector<std::uint32_t> mask_;  ///< a bit each, and behind them the end's
    bool may_end_ = false, ended_ = false;
};

class Compiled : public CompiledGrammar {
public:
    Compiled(Handle handle, std::int64_t vocab, std::string after)
        : handle_(std::move(handle)), vocab_(vocab), after_(std::move(after)) {}

    Result<std::unique_ptr<Constraint>> begin() const override {
        const std::lock_guard lock(mutex_);
        MillmConstraint *copy = nullptr;
        MillmTokenizerText error{};
        if (!millm_constraint_copy(handle_.get(), &copy, &error)) return told(ErrorCode::Internal, error);
        return std::unique_ptr<Constraint>(std::make_unique<TokenConstraint>(Handle(copy), vocab_));
    }
    const std::string &after() const override { return after_; }

private:
    mutable std::mutex mutex_;
    Handle handle_;
    std::int64_t vocab_;
    std::string after_;
};

}  // namespace

GrammarCompiler::GrammarCompiler(const Tokenizer &tokenizer, std::int64_t vocab, std::vector<std::int32_t> ends)
    : tokenizer_(tokenizer), vocab_(vocab), ends_(std::move(ends)) {}

GrammarCompiler::~GrammarCompiler() {
    millm_vocabulary_close(vocabulary_);
}

Result<void> GrammarCompiler::open_vocabulary() {
    std::vector<std::uint32_t> sizes;
    std::string joined;
    const auto known = static_cast<std::int64_t>(tokenizer_.vocab_size());
    for (std::int32_t id = 0; id < vocab_; ++id) {
        std::string word;
        if (std::ranges::find(ends_, id) != ends_.end() || tokenizer_.is_special(id))
            word = special_mark + tokenizer_.token(id);
        else if (id < known)
            word = tokenizer_.token_bytes(id);
        sizes.push_back(static_cast<std::uint32_t>(word.size()));
        joined += word;
    }
    sizes.push_back(0);  // what stands for the end
    MillmTokenizerText error{};
    if (!millm_vocabulary_open(sizes.data(), sizes.size(), bytes_of(joined), joined.size(), static_cast<std::uint32_t>(vocab_),
                               &vocabulary_, &error))
        return told(ErrorCode::Unsupported, error);
    return {};
}

Result<std::shared_ptr<const CompiledGrammar>> GrammarCompiler::compile(const Grammar &grammar) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(recent_, grammar, &decltype(recent_)::value_type::first);
    if (found != recent_.end()) {
        std::rotate(recent_.begin(), found, found + 1);
        return recent_.front().second;
    }
    if (vocabulary_ == nullptr)
        if (const Result<void> opened = open_vocabulary(); !opened) return opened.error();
    const std::string_view kind = kind_name(grammar.kind);
    MillmConstraint *handle = nullptr;
    MillmTokenizerText error{};
    if (!millm_constraint_open(vocabulary_, bytes_of(kind), kind.size(), bytes_of(grammar.text), grammar.text.size(),
                               !grammar.after.empty(), &handle, &error))
        return told(ErrorCode::InvalidArgument, error);
    recent_.emplace_front(grammar, std::make_shared<const Compiled>(Handle(handle), vocab_, grammar.after));
    if (recent_.size() > kept_grammars) recent_.pop_back();
    return recent_.front().second;
}

}  // namespace millm::engine
