#include "core/engine/input/json_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace millm::engine {

namespace {

constexpr std::size_t shown_bytes = 60;

std::string spelling_of(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    std::string text(buffer.data(), end);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

void write_text(std::string &out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    static constexpr std::pair<char, char> short_forms[] = {{'"', '"'},  {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'},
                                                            {'\t', 't'}, {'\b', 'b'},  {'\f', 'f'}};
    out += '"';
    for (const char c : text) {
        const auto found =
            std::find_if(std::begin(short_forms), std::end(short_forms), [&](auto row) { return row.first == c; });
        if (found != std::end(short_forms)) {
            out += '\\';
            out += found->second;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

struct JsonValue::Object::Parts {
    Members members;
    std::vector<std::uint32_t> sorted;  ///< places by key; where it is not as long as members, they are searched in order
};

JsonValue::Object::Object() : m_parts(std::make_unique<Parts>()) {}
JsonValue::Object::Object(const Object &other)
    : m_parts(other.m_parts ? std::make_unique<Parts>(*other.m_parts) : std::make_unique<Parts>()) {}
JsonValue::Object::Object(Object &&other) noexcept = default;
JsonValue::Object &JsonValue::Object::operator=(Object other) noexcept {
    m_parts.swap(other.m_parts);
    return *this;
}
JsonValue::Object::~Object() = default;

JsonValue::JsonValue(double number) : m_state(Real{number, spelling_of(number)}) {}

JsonValue JsonValue::spelled(double number, std::string spelling) {
    JsonValue value;
    value.m_state = Real{number, std::move(spelling)};
    return value;
}

JsonValue JsonValue::object(std::initializer_list<std::pair<const char *, JsonValue>> members) {
    JsonValue value;
    value.m_state.emplace<Object>();
    for (const auto &[key, member] : members) value.set(key, member);
    return value;
}

JsonValue JsonValue::object_of(Members members, std::string *doubled) {
    Object object;
    object->members = std::move(members);
    auto &all = object->members;
    auto &sorted = object->sorted;
    sorted.resize(all.size());
    std::iota(sorted.begin(), sorted.end(), 0u);
    const auto by_key = [&](std::uint32_t a, std::uint32_t b) { return all[a].key < all[b].key; };
    std::stable_sort(sorted.begin(), sorted.end(), by_key);
    const auto same = [&](std::uint32_t a, std::uint32_t b) { return all[a].key == all[b].key; };
    if (std::adjacent_find(sorted.begin(), sorted.end(), same) != sorted.end()) {
        std::vector<bool> gone(all.size(), false);
        std::uint32_t first_doubled = std::numeric_limits<std::uint32_t>::max();
        for (std::size_t i = 0, first = 0; i < sorted.size(); ++i) {
            if (!same(sorted[first], sorted[i])) first = i;
            if (first == i) continue;
            all[sorted[first]].value = std::move(all[sorted[i]].value);
            gone[sorted[i]] = true;
            first_doubled = std::min(first_doubled, sorted[i]);
        }
        if (doubled && doubled->empty()) *doubled = all[first_doubled].key;
        Members kept;
        for (std::size_t i = 0; i < all.size(); ++i)
            if (!gone[i]) kept.push_back(std::move(all[i]));
        return object_of(std::move(kept));
    }
    JsonValue value;
    value.m_state = std::move(object);
    return value;
}

const char *JsonValue::kind_name() const {
    static constexpr const char *names[] = {"null",   "true or false", "a whole number", "a number",
                                            "a text", "a list",        "an object"};
    return names[m_state.index()];
}

std::optional<bool> JsonValue::boolean() const {
    const bool *flag = std::get_if<bool>(&m_state);
    return flag ? std::optional(*flag) : std::nullopt;
}

std::optional<std::int64_t> JsonValue::integer() const {
    const std::int64_t *whole = std::get_if<std::int64_t>(&m_state);
    return whole ? std::optional(*whole) : std::nullopt;
}

std::optional<double> JsonValue::number() const {
    if (const Real *real = std::get_if<Real>(&m_state)) return real->number;
    if (const std::int64_t *whole = std::get_if<std::int64_t>(&m_state)) return static_cast<double>(*whole);
    return std::nullopt;
}

const std::string *JsonValue::text() const {
    return std::get_if<std::string>(&m_state);
}

std::span<const JsonValue> JsonValue::items() const {
    const List *list = std::get_if<List>(&m_state);
    return list ? std::span<const JsonValue>(*list) : std::span<const JsonValue>();
}

std::span<const JsonMember> JsonValue::members() const {
    const Object *object = std::get_if<Object>(&m_state);
    return object && object->get() ? std::span<const JsonMember>((*object)->members) : std::span<const JsonMember>();
}

const JsonValue *JsonValue::find(std::string_view key) const {
    const Object *object = std::get_if<Object>(&m_state);
    if (!object || !object->get()) return nullptr;
    const Members &members = (*object)->members;
    const std::vector<std::uint32_t> &sorted = (*object)->sorted;
    if (sorted.size() != members.size()) {
        const auto found = std::find_if(members.begin(), members.end(), [&](const JsonMember &m) { return m.key == key; });
        return found == members.end() ? nullptr : &found->value;
    }
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), key,
                                        [&](std::uint32_t place, std::string_view k) { return members[place].key < k; });
    return found == sorted.end() || members[*found].key != key ? nullptr : &members[*found].value;
}

const JsonValue *JsonValue::given(std::string_view key) const {
    const JsonValue *member = find(key);
    return member && !member->is_null() ? member : nullptr;
}

const std::string *JsonValue::text(std::string_view key) const {
    const JsonValue *member = find(key);
    return member ? member->text() : nullptr;
}

bool JsonValue::flag(std::string_view key) const {
    const JsonValue *member = find(key);
    return member && member->boolean().value_or(false);
}

void JsonValue::set(std::string key, JsonValue value) {
    if (is_null()) m_state.emplace<Object>();
    Object *object = std::get_if<Object>(&m_state);
    if (!object || !object->get()) return;
    if (const JsonValue *there = find(key)) {
        *const_cast<JsonValue *>(there) = std::move(value);
        return;
    }
    (*object)->members.push_back({std::move(key), std::move(value)});
}

void JsonValue::push_back(JsonValue value) {
    if (is_null()) m_state.emplace<List>();
    if (List *list = std::get_if<List>(&m_state)) list->push_back(std::move(value));
}

std::string JsonValue::shown() const {
    if (is_list()) return "a list of " + std::to_string(items().size());
    if (is_object()) return "an object of " + std::to_string(members().size());
    std::string text = dump();
    if (text.size() > shown_bytes) {
        // Not in the middle of a character.
        std::size_t end = shown_bytes;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
        text.resize(end);
        text += "...";
    }
    return text;
}

std::string JsonValue::dump(int indent) const {
    std::string out;
    write(out, indent, 0);
    return out;
}

void JsonValue::write(std::string &out, int indent, int level) const {
    const auto line = [&](int depth) {
        if (indent < 0) return;
        out += '\n';
        out.append(static_cast<std::size_t>(indent * depth), ' ');
    };
    if (is_null()) {
        out += "null";
    } else if (const auto flag = boolean()) {
        out += *flag ? "true" : "false";
    } else if (const auto whole = integer()) {
        out += std::to_string(*whole);
    } else if (const Real *real = std::get_if<Real>(&m_state)) {
        out += real->spelling;
    } else if (const std::string *words = text()) {
        write_text(out, *words);
    } else if (is_list()) {
        out += '[';
        for (std::size_t i = 0; i < items().size(); ++i) {
            if (i > 0) out += ',';
            line(level + 1);
            items()[i].write(out, indent, level + 1);
        }
        if (!items().empty()) line(level);
        out += ']';
    } else {
        out += '{';
        bool first = true;
        for (const auto &[key, member] : members()) {
            if (!std::exchange(first, false)) out += ',';
            line(level + 1);
            write_text(out, key);
            out += indent < 0 ? ":" : ": ";
            member.write(out, indent, level + 1);
        }
        if (!members().empty()) line(level);
        out += '}';
    }
}

}  // namespace millm::engine
