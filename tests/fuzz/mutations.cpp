#include "core/engine/input/json.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <iterator>

namespace millm::fuzz {

namespace {

using engine::JsonMember;
using engine::JsonValue;

/// A value as JSON writes it, from the edges of what a reader may meet.
constexpr std::string_view values[] = {"null",
                                       "true",
                                       "false",
                                       "0",
                                       "-0",
                                       "1",
                                       "-1",
                                       "2",
                                       "255",
                                       "65536",
                                       "2147483648",
                                       "4294967296",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "-9223372036854775809",
                                       "18446744073709551616",
                                       "1e18",
                                       "1e19",
                                       "1e308",
                                       "1e400",
                                       "-1e400",
                                       "1e-400",
                                       "0.5",
                                       "64.0",
                                       "NaN",
                                       "Infinity",
                                       "-Infinity",
                                       "\"\"",
                                       "\"x\"",
                                       "\"\\u0000\"",
                                       "\"\\ud800\"",
                                       "\"../../etc/passwd\"",
                                       "\"a\\\"b\"",
                                       "[]",
                                       "[[]]",
                                       "[null]",
                                       "[0,0]",
                                       "[-1]",
                                       "[9223372036854775807,9223372036854775807]",
                                       "{}",
                                       "{\"\":{}}",
                                       "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]"};

JsonValue value_of(std::string_view text) {
    auto value = engine::parse_json(text, "mutation");
    return value ? *std::move(value) : JsonValue();
}

JsonValue changed(const JsonValue &value, Random &random);

/// A list or an object with one of its parts changed, dropped, doubled or moved.
template <class Part>
void change_parts(std::vector<Part> &parts, Random &random, auto &&value_in) {
    const std::size_t at = below(parts.size(), random);
    switch (below(8, random)) {
        case 0:
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
            return;
        case 1:
            parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(below(parts.size() + 1, random)), Part(parts[at]));
            return;
        case 2:
            std::swap(parts[at], parts[below(parts.size(), random)]);
            return;
        case 3:
            for (std::size_t i = below(below(8, random) ? 4 : 200, random); i > 0; --i) parts.push_back(parts[at]);
            return;
        default:
            value_in(parts[at]) = changed(value_in(parts[at]), random);
    }
}

JsonValue changed(const JsonValue &value, Random &random) {
    const std::size_t choice = below(10, random);
    if (value.is_list() && !value.items().empty() && choice > 1) {
        JsonValue::List items(value.items().begin(), value.items().end());
        change_parts(items, random, [](JsonValue &item) -> JsonValue & { return item; });
        return JsonValue(std::move(items));
    }
    if (value.is_object() && !value.members().empty() && choice > 1) {
        JsonValue::Members members(value.members().begin(), value.members().end());
        if (choice == 2) {
            std::string &key = members[below(members.size(), random)].key;
            key = mutate_bytes(key, random);
            if (below(2, random)) key = members[below(members.size(), random)].key;
        } else {
            change_parts(members, random, [](JsonMember &member) -> JsonValue & { return member.value; });
        }
        return JsonValue::object_of(std::move(members));
    }
    if (const std::string *text = value.text(); text && choice < 4) return JsonValue(mutate_bytes(*text, random));
    if (const auto whole = value.integer(); whole && choice < 4)
        return JsonValue(static_cast<std::int64_t>(static_cast<std::uint64_t>(*whole) + below(5, random) - 2));
    if (choice == 9) {
        JsonValue nested = value;
        for (std::size_t i = 1 + below(5, random); i > 0; --i)
            nested = below(2, random) ? JsonValue::list({nested}) : JsonValue::object({{"a", nested}});
        return nested;
    }
    return value_of(values[below(std::size(values), random)]);
}

}  // namespace

std::size_t below(std::size_t limit, Random &random) {
    return limit == 0 ? 0 : static_cast<std::size_t>(random() % limit);
}

Bytes mutate_bytes(Bytes input, Random &random) {
    static constexpr unsigned char edges[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '[', '\n', '.', '-', '9'};
    const std::size_t at = below(input.size() + 1, random);
    switch (below(7, random)) {
        case 0:
            input.insert(at, 1, static_cast<char>(below(256, random)));
            break;
        case 1:
            input.insert(at, 1, static_cast<char>(edges[below(std::size(edges), random)]));
            break;
        case 2:
            input.erase(at, 1 + below(8, random));
            break;
        case 3:
            if (at < input.size()) input[at] = static_cast<char>(below(256, random));
            break;
        case 4:
            if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8, random)));
            break;
        case 5:
            input.insert(at, input.substr(below(input.size() + 1, random), below(40, random)));
            break;
        default:
            input.resize(at);
    }
    return input;
}

Bytes mutate_pieces(Bytes input, std::span<const std::string_view> pieces, Random &random) {
    for (std::size_t changes = 1 + below(5, random); changes > 0; --changes) {
        if (below(3, random) == 0) {
            input = mutate_bytes(std::move(input), random);
            continue;
        }
        std::string piece;
        const std::string_view chosen = pieces[below(pieces.size(), random)];
        for (std::size_t times = below(20, random) == 0 ? below(300, random) : 1; times > 0; --times) piece += chosen;
        const std::size_t at = below(input.size() + 1, random);
        if (below(2, random)) input.erase(at, chosen.size());
        input.insert(std::min(at, input.size()), piece);
    }
    return input;
}

Bytes mutate_json(const Bytes &input, Random &random) {
    auto value = engine::parse_json(input, "input", engine::long_list_limits);
    if (!value || below(20, random) == 0) return mutate_bytes(input, random);
    JsonValue result = *std::move(value);
    for (std::size_t changes = 1 + below(3, random); changes > 0; --changes) result = changed(result, random);
    std::string text = result.dump(below(4, random) == 0 ? 1 : -1);
    // Changes upon changes would otherwise all be large, and few of them met in an hour.
    return text.size() > 2 * input.size() + 4096 ? mutate_bytes(input, random) : text;
}

}  // namespace millm::fuzz
