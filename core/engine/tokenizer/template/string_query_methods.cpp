// Methods of str that ask something.
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/methods.h"
#include "core/engine/tokenizer/template/parameters.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

/// The part of a text that (…, start, end) names.
struct Part {
    std::string_view text;
    std::int64_t start;  ///< in characters
    bool valid;          ///< false where start lies behind the text or behind end
};

Part part_of(const Value &self, const Parameters &p) {
    const auto length = std::int64_t(self.text().length);
    const auto place = [&](std::size_t i, std::int64_t fallback) {
        const auto given = p.value(i).is_none() ? fallback : p.integer(i, fallback);
        return given < 0 ? std::max<std::int64_t>(given + length, 0) : given;
    };
    const auto start = place(1, 0), end = std::min(place(2, length), length);
    if (start > length || start > end) return {{}, start, false};
    const auto begin_byte = byte_of_character(self.bytes(), std::size_t(start)),
               end_byte = byte_of_character(self.bytes(), std::size_t(end));
    return {std::string_view(self.bytes()).substr(begin_byte, end_byte - begin_byte), start, true};
}

std::int64_t place_of(In &in, const Value &self, const Arguments &arguments, const char *name, bool left) {
    const Parameters p(name, arguments, {"sub", "start", "end"});
    p.required(0);
    const auto wanted = p.string(0, "");
    in.work(self.bytes().size());
    const auto part = part_of(self, p);
    if (!part.valid) return -1;
    const auto at = left ? part.text.find(wanted) : part.text.rfind(wanted);
    return at == std::string_view::npos ? -1 : part.start + std::int64_t(count_characters(part.text.substr(0, at)));
}

Value find(In &in, const Value &self, Arguments &arguments) {
    return Value(place_of(in, self, arguments, "find", true));
}
Value rfind(In &in, const Value &self, Arguments &arguments) {
    return Value(place_of(in, self, arguments, "rfind", false));
}

Value found(std::int64_t place) {
    if (place < 0) fail_value("substring not found");
    return Value(place);
}
Value index(In &in, const Value &self, Arguments &arguments) {
    return found(place_of(in, self, arguments, "index", true));
}
Value rindex(In &in, const Value &self, Arguments &arguments) {
    return found(place_of(in, self, arguments, "rindex", false));
}

Value count(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("count", arguments, {"sub", "start", "end"});
    p.required(0);
    const auto wanted = p.string(0, "");
    in.work(self.bytes().size());
    const auto part = part_of(self, p);
    if (!part.valid) return Value(std::int64_t(0));
    if (wanted.empty()) return Value(std::int64_t(count_characters(part.text)) + 1);
    std::int64_t times = 0;
    for (auto at = part.text.find(wanted); at != std::string_view::npos; at = part.text.find(wanted, at + wanted.size()))
        ++times;
    return Value(times);
}

Value begins_or_ends(const Value &self, const Arguments &arguments, const char *name, bool begins) {
    const Parameters p(name, arguments, {"prefix", "start", "end"});
    const auto &wanted = p.required(0);
    const auto part = part_of(self, p);
    const auto matches = [&](const Value &text) {
        if (!text.is_string()) fail_type("tuple for " + std::string(name) + " must only contain str, not " + text.type_name());
        return part.valid && (begins ? part.text.starts_with(text.bytes()) : part.text.ends_with(text.bytes()));
    };
    if (wanted.is_tuple()) return Value(std::any_of(wanted.items().begin(), wanted.items().end(), matches));
    if (!wanted.is_string())
        fail_type(std::string(name) + " first arg must be str or a tuple of str, not " + wanted.type_name());
    return Value(matches(wanted));
}

Value startswith(In &, const Value &self, Arguments &arguments) {
    return begins_or_ends(self, arguments, "startswith", true);
}
Value endswith(In &, const Value &self, Arguments &arguments) {
    return begins_or_ends(self, arguments, "endswith", false);
}

template <bool (*holds)(char32_t)>
Value all(In &, const Value &self, Arguments &) {
    const auto text = characters_of(self.bytes());
    return Value(!text.empty() && std::all_of(text.begin(), text.end(), holds));
}

bool is_digit_or_decimal(char32_t c) {
    return is_digit(c) || is_decimal(c);
}
bool is_any_number(char32_t c) {
    return is_numeric(c) || is_digit_or_decimal(c);
}

Value isascii(In &, const Value &self, Arguments &) {
    return Value(self.text().ascii());
}
Value isidentifier(In &, const Value &self, Arguments &) {
    return Value(is_identifier(characters_of(self.bytes())));
}

Value isprintable(In &, const Value &self, Arguments &) {
    const auto text = characters_of(self.bytes());
    return Value(std::all_of(text.begin(), text.end(), is_printable));
}

Value cased(const Value &self, bool (*wanted)(char32_t), bool (*other)(char32_t)) {
    bool any = false;
    for (const auto c : characters_of(self.bytes())) {
        if (other(c) || is_title(c)) return Value(false);
        any = any || wanted(c);
    }
    return Value(any);
}
Value islower(In &, const Value &self, Arguments &) {
    return cased(self, is_lower, is_upper);
}
Value isupper(In &, const Value &self, Arguments &) {
    return cased(self, is_upper, is_lower);
}

Value istitle(In &, const Value &self, Arguments &) {
    bool any = false, in_word = false;
    for (const auto c : characters_of(self.bytes())) {
        const bool begins = is_upper(c) || is_title(c);
        if (begins ? in_word : is_lower(c) && !in_word) return Value(false);
        in_word = begins || is_lower(c);
        any = any || in_word;
    }
    return Value(any);
}

constexpr MethodRow string_query_methods_table[] = {
    {"find", find},
    {"rfind", rfind},
    {"index", index},
    {"rindex", rindex},
    {"count", count},
    {"startswith", startswith},
    {"endswith", endswith},
    {"isdigit", all<is_digit_or_decimal>},
    {"isdecimal", all<is_decimal>},
    {"isnumeric", all<is_any_number>},
    {"isalpha", all<is_alpha>},
    {"isalnum", all<is_alnum>},
    {"isspace", all<is_space>},
    {"isascii", isascii},
    {"isidentifier", isidentifier},
    {"isprintable", isprintable},
    {"islower", islower},
    {"isupper", isupper},
    {"istitle", istitle},
};

}  // namespace

std::span<const MethodRow> string_query_methods() {
    return string_query_methods_table;
}

}  // namespace millm::engine::jinja
