#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The doors of lib.rs and constraint.rs. A door that returns false has filled `error` (where it has one) and nothing else.
extern "C" {

struct MillmTokenizerHandle;
struct MillmVocabulary;
struct MillmConstraint;

/// Freed with millm_tokenizer_free_text.
struct MillmTokenizerText {
    uint8_t *data;
    size_t size;
};

/// Freed with millm_tokenizer_free_ids.
struct MillmTokenizerIds {
    uint32_t *data;
    size_t size;
};

bool millm_tokenizer_open(const uint8_t *json, size_t size, MillmTokenizerHandle **out, MillmTokenizerText *error);
void millm_tokenizer_close(MillmTokenizerHandle *tokenizer);
bool millm_tokenizer_add(MillmTokenizerHandle *tokenizer, const uint8_t *json, size_t size, MillmTokenizerText *error);
bool millm_tokenizer_encode(const MillmTokenizerHandle *tokenizer, const uint8_t *text, size_t size, bool special,
                            MillmTokenizerIds *out, MillmTokenizerText *error);
bool millm_tokenizer_decode(const MillmTokenizerHandle *tokenizer, const uint32_t *ids, size_t size, bool skip_special,
                            MillmTokenizerText *out, MillmTokenizerText *error);
size_t millm_tokenizer_vocab_size(const MillmTokenizerHandle *tokenizer);
bool millm_tokenizer_token(const MillmTokenizerHandle *tokenizer, uint32_t id, MillmTokenizerText *out);
int64_t millm_tokenizer_id(const MillmTokenizerHandle *tokenizer, const uint8_t *text, size_t size);
bool millm_tokenizer_describe(const MillmTokenizerHandle *tokenizer, MillmTokenizerText *out, MillmTokenizerText *error);
void millm_tokenizer_free_text(MillmTokenizerText text);
void millm_tokenizer_free_ids(MillmTokenizerIds ids);

// Those of constraint.rs.
bool millm_vocabulary_open(const uint32_t *sizes, size_t count, const uint8_t *joined, size_t joined_size, uint32_t end,
                           MillmVocabulary **out, MillmTokenizerText *error);
void millm_vocabulary_close(MillmVocabulary *vocabulary);
bool millm_constraint_open(const MillmVocabulary *vocabulary, const uint8_t *kind, size_t kind_size, const uint8_t *source,
                           size_t source_size, bool blanks_first, MillmConstraint **out, MillmTokenizerText *error);
bool millm_constraint_copy(const MillmConstraint *constraint, MillmConstraint **out, MillmTokenizerText *error);
void millm_constraint_close(MillmConstraint *constraint);
bool millm_constraint_mask(MillmConstraint *constraint, uint32_t *mask, size_t words, MillmTokenizerText *error);
bool millm_constraint_take(MillmConstraint *constraint, uint32_t token, bool *ended, MillmTokenizerText *error);
}
