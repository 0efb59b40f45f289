// Methods of str that make text or lists.
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/formatting.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/methods.h"
#include "core/engine/tokenizer/template/parameters.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

Value same_kind(In &in, const Value &self, std::string text) {
    return in.text(std::move(text), self.text().markup);
}

template <Characters (*mapping)(const Characters &)>
Value mapped(In &in, const Value &self, Arguments &arguments) {
    const Parameters none("this method", arguments, {});
    in.work(self.bytes().size() * 4);
    return same_kind(in, self, utf8_of(mapping(characters_of(self.bytes()))));
}

Value stripped(In &in, const Value &self, const Arguments &arguments, const char *name, bool left, bool right) {
    const Parameters p(name, arguments, {"chars"});
    const bool space = p.value(0).is_none();
    if (!space && !p.value(0).is_string()) fail_type(std::string(name) + " arg must be None or str");
    const auto set = space ? Characters() : characters_of(p.value(0).bytes());
    const auto goes = [&](char32_t c) { return space ? is_space(c) : set.find(c) != Characters::npos; };
    const auto text = characters_of(self.bytes());
    std::size_t begin = 0, end = text.size();
    while (left && begin < end && goes(text[begin])) ++begin;
    while (right && end > begin && goes(text[end - 1])) --end;
    in.work(set.size() + text.size());
    return same_kind(in, self, utf8_of(std::u32string_view(text).substr(begin, end - begin)));
}

Value strip(In &in, const Value &self, Arguments &arguments) {
    return stripped(in, self, arguments, "strip", true, true);
}
Value lstrip(In &in, const Value &self, Arguments &arguments) {
    return stripped(in, self, arguments, "lstrip", true, false);
}
Value rstrip(In &in, const Value &self, Arguments &arguments) {
    return stripped(in, self, arguments, "rstrip", false, true);
}

Value list_of(In &in, const Value &self, const std::vector<std::string> &parts) {
    in.work(parts.size() * 64);
    std::vector<Value> items;
    items.reserve(parts.size());
    for (const auto &part : parts) items.push_back(same_kind(in, self, part));
    return in.list(std::move(items));
}

std::vector<std::string> split_from_left(const std::string &text, const std::string &separator, std::int64_t most) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (most < 0 || std::int64_t(parts.size()) < most) {
        const auto end = text.find(separator, at);
        if (end == std::string::npos) break;
        parts.push_back(text.substr(at, end - at));
        at = end + separator.size();
    }
    parts.push_back(text.substr(at));
    return parts;
}

std::vector<std::string> split_from_right(const std::string &text, const std::string &separator, std::int64_t most) {
    std::vector<std::string> parts;
    std::size_t end = text.size();
    while (most < 0 || std::int64_t(parts.size()) < most) {
        const auto at = end < separator.size() ? std::string::npos : text.rfind(separator, end - separator.size());
        if (at == std::string::npos) break;
        parts.push_back(text.substr(at + separator.size(), end - at - separator.size()));
        end = at;
    }
    parts.push_back(text.substr(0, end));
    std::reverse(parts.begin(), parts.end());
    return parts;
}

std::vector<std::string> split_whitespace_from_right(const std::string &text, std::int64_t most) {
    // The same, seen in a mirror.
    auto characters = characters_of(text);
    std::reverse(characters.begin(), characters.end());
    auto parts = split_whitespace(utf8_of(characters), most);
    std::reverse(parts.begin(), parts.end());
    for (auto &part : parts) {
        auto word = characters_of(part);
        std::reverse(word.begin(), word.end());
        part = utf8_of(word);
    }
    return parts;
}

Value split_by(In &in, const Value &self, const Arguments &arguments, bool left) {
    const Parameters p(left ? "split" : "rsplit", arguments, {"sep", "maxsplit"});
    const auto most = p.integer(1, -1);
    if (p.value(0).is_none()) {
        return list_of(in, self, left ? split_whitespace(self.bytes(), most) : split_whitespace_from_right(self.bytes(), most));
    }
    const auto separator = p.string(0, "");
    if (separator.empty()) fail_value("empty separator");
    return list_of(in, self,
                   left ? split_from_left(self.bytes(), separator, most) : split_from_right(self.bytes(), separator, most));
}

Value split(In &in, const Value &self, Arguments &arguments) {
    return split_by(in, self, arguments, true);
}
Value rsplit(In &in, const Value &self, Arguments &arguments) {
    return split_by(in, self, arguments, false);
}

Value splitlines(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("splitlines", arguments, {"keepends"});
    return list_of(in, self, split_lines(self.bytes(), p.boolean(0, false)));
}

Value partition_at(In &in, const Value &self, const Arguments &arguments, bool left) {
    const Parameters p(left ? "partition" : "rpartition", arguments, {"sep"});
    p.required(0);
    const auto separator = p.string(0, "");
    if (separator.empty()) fail_value("empty separator");
    const auto &text = self.bytes();
    const auto at = left ? text.find(separator) : text.rfind(separator);
    const auto piece = [&](std::string part) { return same_kind(in, self, std::move(part)); };
    if (at == std::string::npos)
        return left ? Value::tuple({self, piece(""), piece("")}) : Value::tuple({piece(""), piece(""), self});
    return Value::tuple({piece(text.substr(0, at)), piece(separator), piece(text.substr(at + separator.size()))});
}

Value partition(In &in, const Value &self, Arguments &arguments) {
    return partition_at(in, self, arguments, true);
}
Value rpartition(In &in, const Value &self, Arguments &arguments) {
    return partition_at(in, self, arguments, false);
}

Value replace(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("replace", arguments, {"old", "new", "count"});
    p.required(0), p.required(1);
    const auto old = p.string(0, ""), with = p.string(1, "");
    auto left = p.integer(2, -1);
    const auto &text = self.bytes();
    std::string out;
    std::size_t at = 0;
    if (old.empty()) {
        // Between all characters, and at both ends.
        for (bool first = true; left != 0; --left, first = false) {
            if (!first) {
                if (at >= text.size()) break;
                const auto size = byte_of_character(std::string_view(text).substr(at, 4), 1);
                out.append(text, at, size);
                at += size;
            }
            out += with;
            in.check_text(out.size());
        }
    } else {
        for (; left != 0; --left) {
            const auto found = text.find(old, at);
            if (found == std::string::npos) break;
            out.append(text, at, found - at);
            out += with;
            at = found + old.size();
            in.check_text(out.size());
        }
    }
    return same_kind(in, self, out + text.substr(at));
}

Value join(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("join", arguments, {"iterable"});
    std::string out;
    std::size_t i = 0;
    for (const auto &item : in.iterate(p.required(0))) {
        if (!item.is_string()) {
            fail_type("sequence item " + std::to_string(i) + ": expected str instance, " + item.type_name() + " found");
        }
        out += (i++ > 0 ? self.bytes() : "") + (self.text().markup ? escaped(in, item) : item.bytes());
        in.check_text(out.size());
    }
    return same_kind(in, self, std::move(out));
}

/// Fills up to a width: `before` of the gap's `gap` characters go in front.
Value padded(In &in, const Value &self, const Arguments &arguments, const char *name,
             std::int64_t (*before)(std::int64_t gap, std::int64_t width)) {
    const Parameters p(name, arguments, {"width", "fillchar"});
    p.required(0);
    const auto width = p.integer(0, 0);
    const auto fill = p.string(1, " ");
    if (count_characters(fill) != 1) fail_type("The fill character must be exactly one character long");
    const auto gap = width - std::int64_t(self.text().length);
    if (gap <= 0) return self;
    in.check_text(std::size_t(gap) * fill.size());
    in.work(std::size_t(gap) * fill.size());
    std::string out;
    const auto front = before(gap, width);
    for (std::int64_t i = 0; i < front; ++i) out += fill;
    out += self.bytes();
    for (std::int64_t i = front; i < gap; ++i) out += fill;
    return same_kind(in, self, std::move(out));
}

Value center(In &in, const Value &self, Arguments &arguments) {
    // Python puts the odd one in front where the width is odd.
    return padded(in, self, arguments, "center",
                  [](std::int64_t gap, std::int64_t width) { return gap / 2 + (gap & width & 1); });
}
Value ljust(In &in, const Value &self, Arguments &arguments) {
    return padded(in, self, arguments, "ljust", [](std::int64_t, std::int64_t) { return std::int64_t(0); });
}
Value rjust(In &in, const Value &self, Arguments &arguments) {
    return padded(in, self, arguments, "rjust", [](std::int64_t gap, std::int64_t) { return gap; });
}

Value zfill(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("zfill", arguments, {"width"});
    p.required(0);
    const auto gap = p.integer(0, 0) - std::int64_t(self.text().length);
    if (gap <= 0) return self;
    in.check_text(std::size_t(gap));
    const bool sign = self.bytes().starts_with('-') || self.bytes().starts_with('+');
    return same_kind(in, self, self.bytes().substr(0, sign) + std::string(std::size_t(gap), '0') + self.bytes().substr(sign));
}

Value expandtabs(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("expandtabs", arguments, {"tabsize"});
    const auto size = std::max<std::int64_t>(p.integer(0, 8), 0);
    std::string out;
    std::int64_t column = 0;
    for (const auto c : characters_of(self.bytes())) {
        if (c == '\t') {
            const auto gap = size > 0 ? size - column % size : 0;
            in.check_text(out.size() + std::size_t(gap));
            out.append(std::size_t(gap), ' ');
            column += gap;
        } else {
            append_utf8(out, c);
            column = c == '\n' || c == '\r' ? 0 : column + 1;
        }
    }
    return same_kind(in, self, std::move(out));
}

Value removeprefix(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("removeprefix", arguments, {"prefix"});
    p.required(0);
    const auto prefix = p.string(0, "");
    return self.bytes().starts_with(prefix) ? same_kind(in, self, self.bytes().substr(prefix.size())) : self;
}

Value removesuffix(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("removesuffix", arguments, {"suffix"});
    p.required(0);
    const auto suffix = p.string(0, "");
    return self.bytes().ends_with(suffix) ? same_kind(in, self, self.bytes().substr(0, self.bytes().size() - suffix.size()))
                                          : self;
}

Value format(In &in, const Value &self, Arguments &arguments) {
    return same_kind(in, self, brace_format(in, self, arguments));
}

Value format_map(In &in, const Value &self, Arguments &arguments) {
    const Parameters p("format_map", arguments, {"mapping"});
    if (!p.required(0).is(Value::Type::Dict)) fail_type("format_map() takes a mapping");
    Arguments named;
    for (const auto &[key, value] : p.required(0).dict().entries()) {
        if (key.is_string()) named.keywords.emplace_back(key.bytes(), value);
    }
    return same_kind(in, self, brace_format(in, self, named));
}

constexpr MethodRow string_methods_table[] = {
    {"upper", mapped<upper>},
    {"lower", mapped<lower>},
    {"title", mapped<title>},
    {"capitalize", mapped<capitalize>},
    {"swapcase", mapped<swapcase>},
    {"casefold", mapped<casefold>},
    {"strip", strip},
    {"lstrip", lstrip},
    {"rstrip", rstrip},
    {"split", split},
    {"rsplit", rsplit},
    {"splitlines", splitlines},
    {"partition", partition},
    {"rpartition", rpartition},
    {"replace", replace},
    {"join", join},
    {"center", center},
    {"ljust", ljust},
    {"rjust", rjust},
    {"zfill", zfill},
    {"expandtabs", expandtabs},
    {"removeprefix", removeprefix},
    {"removesuffix", removesuffix},
    {"format", format},
    {"format_map", format_map},
};

}  // namespace

std::span<const MethodRow> string_methods() {
    return string_methods_table;
}

std::vector<std::string> split_lines(const std::string &text, bool keep_ends) {
    const auto ends_line = [](char32_t c) {
        return (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    };
    std::vector<std::string> lines;
    const auto characters = characters_of(text);
    for (std::size_t begin = 0; begin < characters.size();) {
        auto end = begin;
        while (end < characters.size() && !ends_line(characters[end])) ++end;
        auto next = std::min(end + 1, characters.size());
        if (end + 1 < characters.size() && characters[end] == '\r' && characters[end + 1] == '\n') ++next;
        lines.push_back(utf8_of(std::u32string_view(characters).substr(begin, (keep_ends ? next : end) - begin)));
        begin = next;
    }
    return lines;
}

std::vector<std::string> split_whitespace(const std::string &text, std::int64_t most) {
    std::vector<std::string> words;
    const auto characters = characters_of(text);
    const std::u32string_view all = characters;
    std::size_t at = 0;
    while (true) {
        while (at < all.size() && is_space(all[at])) ++at;
        if (at == all.size()) return words;
        auto end = at;
        if (most >= 0 && std::int64_t(words.size()) >= most) {
            end = all.size();
            while (end > at && is_space(all[end - 1])) --end;
            words.push_back(utf8_of(all.substr(at, end - at)));
            return words;
        }
        while (end < all.size() && !is_space(all[end])) ++end;
        words.push_back(utf8_of(all.substr(at, end - at)));
        at = end;
    }
}

}  // namespace millm::engine::jinja
