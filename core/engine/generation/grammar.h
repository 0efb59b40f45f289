#pragma once

#include "core/engine/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace millm::engine {

/// What the text of an answer must be.
struct Grammar {
    enum class Kind : std::uint8_t {
        JsonSchema,  ///< a JSON value that this schema allows; members come in the schema's order
        Regex,       ///< the whole text, in the syntax of Rust's regex crate
        Lark,        ///< llguidance's variant of Lark, from the rule "start"
    };
    Kind kind = Kind::JsonSchema;
    std::string text;
    /// In force behind this part of the answer, with which its reasoning ends; empty: from the first token on.
    std::string after;

    friend bool operator==(const Grammar &, const Grammar &) = default;
};

/// Which tokens keep one answer inside of a grammar. One thread at a time.
class Constraint {
public:
    virtual ~Constraint() = default;
    /// A bit for each token that may come next, [vocab / 32 rounded up] words, valid until the next call. Internal where the
    /// grammar is too wide to be followed.
    virtual Result<std::span<const std::uint32_t>> mask() = 0;
    virtual bool may_end() const = 0;  ///< here, as mask() found it
    virtual Result<void> take(std::int32_t token) = 0;
    virtual bool ended() const = 0;  ///< nothing but the end may follow
};

/// A grammar over one model's tokens, compiled once. Any thread.
class CompiledGrammar {
public:
    virtual ~CompiledGrammar() = default;
    virtual Result<std::unique_ptr<Constraint>> begin() const = 0;
    virtual const std::string &after() const = 0;  ///< Grammar::after
};

}  // namespace millm::engine
