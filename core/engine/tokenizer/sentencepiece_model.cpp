#include "core/engine/tokenizer/sentencepiece_model.h"

#include "core/engine/input/utf8.h"
#include "core/engine/tokenizer/protobuf.h"

#include <cmath>

namespace millm::engine {

namespace {

constexpr std::size_t most_pieces = 4'000'000;

Error broken_model(const std::string &what) {
    return Error{ErrorCode::InvalidFile, "the SentencePiece model " + what};
}

/// Takes a field's value where it is stored as its type, as protobuf does; the last one of several stays.
template <class T, class Stored>
void take_field(T &out, const std::optional<Stored> &stored) {
    if (stored) out = static_cast<T>(*stored);
}

/// An enumerator, where it is one that is known (1 to `last`).
template <class T>
void take_enumerator(T &out, const ProtobufField &field, T last) {
    const auto value = field.int32();
    if (value && *value >= 1 && *value <= static_cast<std::int32_t>(last)) out = static_cast<T>(*value);
}

bool read_piece(std::string_view message, SentencePieceModel::Piece &piece) {
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 1) take_field(piece.text, field->text());
        if (field->number == 2) take_field(piece.score, field->real());
        if (field->number == 3) take_enumerator(piece.kind, *field, SentencePieceModel::Kind::Byte);
    }
    return !reader.broken();
}

bool read_trainer(std::string_view message, SentencePieceModel &model) {
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        switch (field->number) {
            case 3:
                take_enumerator(model.algorithm, *field, SentencePieceModel::Algorithm::Character);
                break;
            case 35:
                take_field(model.byte_fallback, field->boolean());
                break;
            case 40:
                take_field(model.unknown_id, field->int32());
                break;
            case 41:
                take_field(model.begin_id, field->int32());
                break;
            case 42:
                take_field(model.end_id, field->int32());
                break;
            case 45:
                take_field(model.unknown_piece, field->text());
                break;
            case 46:
                take_field(model.begin_piece, field->text());
                break;
            case 47:
                take_field(model.end_piece, field->text());
                break;
            default:
                break;
        }
    }
    return !reader.broken();
}

bool read_normalizer(std::string_view message, SentencePieceModel &model) {
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 2) take_field(model.character_map, field->text());
        if (field->number == 3) take_field(model.dummy_prefix, field->boolean());
        if (field->number == 4) take_field(model.remove_extra_blanks, field->boolean());
        if (field->number == 5) take_field(model.escape_blanks, field->boolean());
    }
    return !reader.broken();
}

}  // namespace

Result<SentencePieceModel> SentencePieceModel::parse(std::string_view bytes) {
    SentencePieceModel model;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        const auto message = field->text();
        if (!message) continue;
        bool fine = true;
        if (field->number == 1) {
            const std::string id = std::to_string(model.pieces.size());
            if (model.pieces.size() == most_pieces) return broken_model("has more than " + id + " pieces");
            Piece piece;
            fine = read_piece(*message, piece);
            if (valid_utf8_bytes(piece.text) < piece.text.size())
                return broken_model("has a piece (" + id + ") that is not UTF-8");
            if (!std::isfinite(piece.score)) return broken_model("has a piece (" + id + ") whose score is no number");
            model.pieces.push_back(std::move(piece));
        } else if (field->number == 2) {
            fine = read_trainer(*message, model);
        } else if (field->number == 3) {
            fine = read_normalizer(*message, model);
        }
        if (!fine)
            return broken_model("is broken inside its field " + std::to_string(field->number) + " behind piece " +
                                std::to_string(model.pieces.size()));
    }
    if (reader.broken()) return broken_model("is broken behind piece " + std::to_string(model.pieces.size()));
    if (model.pieces.empty()) return broken_model("holds no pieces");
    for (const std::string *piece : {&model.unknown_piece, &model.begin_piece, &model.end_piece})
        if (valid_utf8_bytes(*piece) < piece->size()) return broken_model("names a piece that is not UTF-8");
    return model;
}

}  // namespace millm::engine
