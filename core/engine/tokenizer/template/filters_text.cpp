// Filters that make text of text.
#include "core/engine/decimal.h"
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/filters.h"
#include "core/engine/tokenizer/template/formatting.h"
#include "core/engine/tokenizer/template/methods.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/parameters.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

/// The value as a str; what is one stays the same, markup or not.
Value soft_str(In &in, const Value &value) {
    return value.is_string() ? value : in.text(to_str(in, value));
}

/// A filter that is the str method of the same name.
Value method(In &in, const Value &value, const char *name, Arguments arguments) {
    return in.call(in.attribute(soft_str(in, value), name), std::move(arguments));
}

Value upper(In &in, const Value &value, Arguments &arguments) {
    return method(in, value, "upper", arguments);
}
Value lower(In &in, const Value &value, Arguments &arguments) {
    return method(in, value, "lower", arguments);
}
Value capitalize(In &in, const Value &value, Arguments &arguments) {
    return method(in, value, "capitalize", arguments);
}

Value trim(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("trim", arguments, {"chars"});
    return method(in, value, "strip", {{p.value(0)}, {}});
}

Value center(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("center", arguments, {"width"});
    return method(in, value, "center", {{Value(p.integer(0, 80))}, {}});
}

Value replace(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("replace", arguments, {"old", "new", "count"});
    const auto count = p.value(2);
    return method(in, Value::text(to_str(in, value)), "replace",
                  {{Value::text(to_str(in, p.required(0))), Value::text(to_str(in, p.required(1))),
                    count.is_none() ? Value(std::int64_t(-1)) : count},
                   {}});
}

/// Jinja's own title: words begin behind whitespace and - ( { [ <.
Value title(In &in, const Value &value, Arguments &) {
    const auto text = characters_of(to_str(in, value));
    Characters out, word;
    const auto end_word = [&] {
        if (word.empty()) return;
        out += jinja::upper(word.substr(0, 1)) + jinja::lower(word.substr(1));
        word.clear();
    };
    for (const auto c : text) {
        if (is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<') {
            end_word();
            out.push_back(c);
        } else {
            word.push_back(c);
        }
    }
    end_word();
    return in.text(utf8_of(out));
}

Value string(In &in, const Value &value, Arguments &) {
    return soft_str(in, value);
}
Value safe(In &in, const Value &value, Arguments &) {
    return in.text(to_str(in, value), true);
}
Value escape(In &in, const Value &value, Arguments &) {
    return in.text(escaped(in, value), true);
}
Value force_escape(In &in, const Value &value, Arguments &) {
    return in.text(escaped(in, Value::text(to_str(in, value))), true);
}

Value format(In &in, const Value &value, Arguments &arguments) {
    if (!arguments.positional.empty() && !arguments.keywords.empty()) {
        fail_value("can't handle positional and keyword arguments at the same time");
    }
    auto given = Value::tuple(arguments.positional);
    if (!arguments.keywords.empty()) {
        auto dict = std::make_shared<Dict>();
        for (const auto &[name, item] : arguments.keywords) dict->set(Value::text(name), item);
        given = Value(std::shared_ptr<const Dict>(std::move(dict)));
    }
    const auto text = soft_str(in, value);
    return in.text(percent_format(in, text, given), text.text().markup);
}

Value indent(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("indent", arguments, {"width", "first", "blank"});
    require_defined(value);
    if (!value.is_string()) fail_type("unsupported operand type(s) for +=: '" + value.type_name() + "' and 'str'");
    const auto width = p.value(0, Value(std::int64_t(4)));
    std::string space;
    if (width.is_string()) {
        space = width.bytes();
    } else {
        const auto count = std::max<std::int64_t>(p.integer(0, 4), 0);
        in.check_text(std::size_t(count));
        space.assign(std::size_t(count), ' ');
    }
    const bool blank = p.boolean(2, false);
    const auto lines = split_lines(value.bytes() + "\n", false);
    std::string out = p.boolean(1, false) ? space : "";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) out += "\n" + (blank || !lines[i].empty() ? space : "");
        out += lines[i];
        in.check_text(out.size());
    }
    return in.text(std::move(out), value.text().markup);
}

Value truncate(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("truncate", arguments, {"length", "killwords", "end", "leeway"});
    const auto length = p.integer(0, 255), leeway = p.value(3).is_none() ? 5 : p.integer(3, 5);
    const auto end = characters_of(p.string(2, "..."));
    if (length < std::int64_t(end.size()))
        fail_value("expected length >= " + std::to_string(end.size()) + ", got " + std::to_string(length));
    if (leeway < 0) fail_value("expected leeway >= 0, got " + std::to_string(leeway));
    if (!value.is_string() && !value.is_undefined()) {
        Arguments none;
        // Measured as what it is; only a text can be cut.
        const auto items = find_filter("length")(in, value, none).as_integer();
        if (items && items->small().value_or(0) <= length + leeway) return value;
        fail_type("a '" + value.type_name() + "' cannot be cut like a text");
    }
    const auto text = characters_of(to_str(in, value));
    if (std::int64_t(text.size()) <= length + leeway) return soft_str(in, value);
    auto cut = text.substr(0, std::size_t(length) - end.size());
    const auto space = cut.rfind(U' ');
    if (!p.boolean(1, false) && space != Characters::npos) cut.resize(space);
    return in.text(utf8_of(cut + end));
}

Value wordcount(In &in, const Value &value, Arguments &) {
    std::int64_t count = 0;
    bool in_word = false;
    for (const auto c : characters_of(to_str(in, value))) {
        const bool word = is_alnum(c) || c == '_';
        count += word && !in_word;
        in_word = word;
    }
    return Value(count);
}

Value wordwrap(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("wordwrap", arguments, {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
    const auto width = std::size_t(std::max<std::int64_t>(p.integer(0, 79), 1));
    const bool break_long = p.boolean(1, true), hyphens = p.boolean(3, true);
    const auto wrap = p.value(2).is_none() ? std::string("\n") : p.string(2, "\n");
    if (!value.is_string()) fail_type("'" + value.type_name() + "' object has no attribute 'splitlines'");
    std::string out;
    bool first_line = true;
    for (const auto &line : split_lines(value.bytes(), false)) {
        if (!first_line) out += wrap;
        first_line = false;
        // Words and the spaces between them; a hyphen inside of a word ends a piece.
        std::vector<Characters> pieces;
        for (const auto c : characters_of(line)) {
            const bool space = is_space(c);
            const bool begins = pieces.empty() || is_space(pieces.back().back()) != space ||
                                (hyphens && pieces.back().back() == '-' && pieces.back().size() > 1 && is_alpha(c));
            if (begins) pieces.emplace_back();
            pieces.back().push_back(c);
        }
        std::vector<Characters> lines;
        Characters current;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            auto piece = pieces[i];
            const bool space = is_space(piece[0]);
            if (current.size() + piece.size() <= width) {
                if (space && current.empty() && !lines.empty()) continue;
                current += piece;
                continue;
            }
            if (break_long && piece.size() > width && !space) {
                const auto room = width - std::min(current.size(), width);
                current += piece.substr(0, room);
                pieces[i--] = piece.substr(room);
                if (room == 0 && current.empty()) break;
            } else if (!current.empty()) {
                if (!space) --i;
            } else {
                current = space ? Characters() : piece;
            }
            while (!current.empty() && is_space(current.back())) current.pop_back();
            if (!current.empty()) lines.push_back(std::exchange(current, {}));
            in.work(16);
        }
        while (!current.empty() && is_space(current.back())) current.pop_back();
        if (!current.empty()) lines.push_back(current);
        for (std::size_t i = 0; i < lines.size(); ++i) out += (i > 0 ? wrap : "") + utf8_of(lines[i]);
        in.check_text(out.size());
    }
    return in.text(std::move(out));
}

Value striptags(In &in, const Value &value, Arguments &) {
    auto text = to_str(in, value);
    const auto erase = [&](std::string_view begin, std::string_view end) {
        std::string out;
        std::size_t at = 0;
        while (true) {
            const auto from = text.find(begin, at);
            const auto to = from == std::string::npos ? from : text.find(end, from);
            if (to == std::string::npos) break;
            out.append(text, at, from - at);
            at = to + end.size();
        }
        text = out + text.substr(at);
    };
    erase("<!--", "-->");
    erase("<", ">");
    // Whitespace in a row becomes one space, then entities are what they stand for.
    std::string out;
    for (const auto &word : split_whitespace(text, -1)) out += (out.empty() ? "" : " ") + word;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> entities{
        {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#34;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}}};
    std::string plain;
    for (std::size_t at = 0; at < out.size();) {
        bool found = false;
        for (const auto &[entity, character] : entities) {
            if (out.compare(at, entity.size(), entity) != 0) continue;
            plain += character;
            at += entity.size();
            found = true;
            break;
        }
        if (!found) plain += out[at++];
    }
    return in.text(std::move(plain));
}

std::string quoted(const std::string &text, bool query) {
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || c == '_' || c == '.' || c == '-' || c == '~' || (c == '/' && !query)) {
            out += c;
        } else if (c == ' ' && query) {
            out += '+';
        } else {
            char buffer[4];
            std::snprintf(buffer, sizeof buffer, "%%%02X", unsigned(static_cast<unsigned char>(c)));
            out += buffer;
        }
    }
    return out;
}

Value urlencode(In &in, const Value &value, Arguments &) {
    const bool pairs = value.is(Value::Type::Dict) || value.is(Value::Type::Sequence) ||
                       (value.is(Value::Type::Object) && value.object().iterable());
    if (!pairs) return in.text(quoted(to_str(in, value), false));
    std::string out;
    const auto add = [&](const Value &key, const Value &item) {
        out += (out.empty() ? "" : "&") + quoted(to_str(in, key), true) + "=" + quoted(to_str(in, item), true);
        in.check_text(out.size());
    };
    if (value.is(Value::Type::Dict)) {
        for (const auto &[key, item] : value.dict().entries()) add(key, item);
        return in.text(std::move(out));
    }
    for (const auto &pair : in.iterate(value)) {
        const auto parts = in.iterate(pair);
        if (parts.size() != 2) fail_value("urlencode wants pairs");
        add(parts[0], parts[1]);
    }
    return in.text(std::move(out));
}

Value urlize(In &in, const Value &value, Arguments &) {
    // Only what the reference does to words that begin as an address.
    std::string out;
    const auto text = escaped(in, value);
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find_first_of(" \t\n\r", at), text.size());
        auto word = text.substr(at, end - at);
        std::string tail;
        while (!word.empty() && (word.back() == '.' || word.back() == ',' || word.back() == ')' || word.back() == '>')) {
            tail.insert(tail.begin(), word.back());
            word.pop_back();
        }
        const auto host = word.starts_with("https://") ? 8 : word.starts_with("http://") ? 7 : 0;
        const auto name = word.substr(std::size_t(host), word.find_first_of("/:?#", std::size_t(host)) - std::size_t(host));
        const auto dot = name.rfind('.');
        const auto ending = dot == std::string::npos ? 0 : name.size() - dot - 1;
        // A scheme wants an ending of two letters at least, as the reference's pattern does.
        const bool address = host > 0 && dot != 0 && ending >= 2;
        out += address ? "<a href=\"" + word + "\" rel=\"noopener\">" + word + "</a>" : word;
        out += tail;
        if (end < text.size()) out += text[end];
        at = end + 1;
        in.check_text(out.size());
    }
    return in.text(std::move(out));
}

Value filesizeformat(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("filesizeformat", arguments, {"binary"});
    Arguments otherwise{{Value()}, {}};
    const auto number = find_filter("float")(in, value, otherwise);
    if (number.is_none()) fail_type("'" + value.type_name() + "' is no number of bytes");
    const double bytes = number.number(), base = p.boolean(0, false) ? 1024 : 1000;
    if (bytes == 1) return Value::text("1 Byte");
    if (bytes < base) return Value::text(decimal_text(std::trunc(bytes), std::chars_format::fixed, 0) + " Bytes");
    const char *prefixes = base == 1024 ? "KMGTPEZY" : "kMGTPEZY";
    double unit = base * base;
    int i = 0;
    for (; i < 7 && bytes >= unit; ++i) unit *= base;
    return Value::text(decimal_text(base * bytes / unit, std::chars_format::fixed, 1) + ' ' + prefixes[i] +
                       (base == 1024 ? "iB" : "B"));
}

constexpr FilterRow text_filters_table[] = {
    {"upper", alone<upper>},
    {"lower", alone<lower>},
    {"capitalize", alone<capitalize>},
    {"title", alone<title>},
    {"trim", trim},
    {"center", center},
    {"replace", replace},
    {"string", alone<string>},
    {"safe", alone<safe>},
    {"escape", alone<escape>},
    {"e", alone<escape>},
    {"forceescape", alone<force_escape>},
    {"format", format},
    {"indent", indent},
    {"truncate", truncate},
    {"wordcount", alone<wordcount>},
    {"wordwrap", wordwrap},
    {"striptags", alone<striptags>},
    {"urlencode", urlencode},
    {"urlize", urlize},
    {"filesizeformat", filesizeformat},
};

}  // namespace

std::span<const FilterRow> text_filters() {
    return text_filters_table;
}

}  // namespace millm::engine::jinja
