// Attributes, items, slices and iteration.
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/methods.h"
#include "core/engine/tokenizer/template/objects.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>

namespace millm::engine::jinja {

namespace {

/// "'dict object' has no attribute 'x'", "list object has no element 3".
Value absent(Interpreter &interpreter, const Value &value, const Value &key) {
    const auto name = value.is_none() ? "None" : value.type_name() + " object";
    if (key.is_string()) return Value::undefined("'" + name + "' has no attribute " + string_repr(key.bytes()));
    return Value::undefined(name + " has no element " + to_repr(interpreter, key));
}

/// What getattr finds: methods, attributes of objects. Unsafe ones come back undefined.
std::optional<Value> own_attribute(Interpreter &interpreter, const Value &value, std::string_view name) {
    const auto unsafe = [&] {
        return Value::undefined(
            "access to attribute " + string_repr(std::string(name)) + " of '" + value.type_name() + "' object is unsafe.",
            true);
    };
    const bool object_has = name == "__class__" || name == "__init__" || name == "__doc__" || name == "__dict__" ||
                            name == "__getattribute__" || name == "__reduce__" || name == "__subclasshook__" ||
                            name == "__eq__" || name == "__str__" || name == "__repr__";
    if (value.is(Value::Type::Object)) {
        auto found = value.object().attribute(interpreter, name);
        if (found) return name.starts_with('_') ? unsafe() : std::move(found);
        return object_has && !value.object_as<Namespace>() ? std::optional(unsafe()) : std::nullopt;
    }
    if (object_has || is_mutating_method(value, name)) return unsafe();
    return find_method(value, name);
}

/// value[key] for keys that are there.
std::optional<Value> own_item(Interpreter &interpreter, const Value &value, const Value &key) {
    if (value.is(Value::Type::Dict)) {
        // A key that cannot be hashed is in no dict.
        if (key.is_list() || key.is(Value::Type::Dict)) return std::nullopt;
        const auto *found = value.dict().find(key);
        return found ? std::optional(*found) : std::nullopt;
    }
    if (value.is(Value::Type::Object)) return value.object().item(interpreter, key);
    if (!value.is_string() && !value.is(Value::Type::Sequence)) return std::nullopt;
    const auto index = key.as_integer();
    const auto small = index ? index->small() : std::nullopt;
    if (!small) return std::nullopt;
    const auto length = std::int64_t(value.is_string() ? value.text().length : value.items().size());
    const auto place = *small < 0 ? *small + length : *small;
    if (place < 0 || place >= length) return std::nullopt;
    if (!value.is_string()) return value.items()[std::size_t(place)];
    const auto &bytes = value.bytes();
    if (value.text().ascii()) return Value::text(bytes.substr(std::size_t(place), 1), value.text().markup);
    interpreter.work(bytes.size());
    const auto begin = byte_of_character(bytes, std::size_t(place));
    return Value::text(bytes.substr(begin, byte_of_character(std::string_view(bytes).substr(begin), 1)), value.text().markup);
}

}  // namespace

Value Interpreter::attribute(const Value &value, std::string_view name) {
    require_defined(value);
    if (auto found = own_attribute(*this, value, name)) return *found;
    const auto key = Value::text(std::string(name));
    if (auto found = own_item(*this, value, key)) return *found;
    return absent(*this, value, key);
}

Value Interpreter::item(const Value &value, const Value &key) {
    require_defined(value);
    if (auto found = own_item(*this, value, key)) return *found;
    if (key.is_string()) {
        if (auto found = own_attribute(*this, value, key.bytes())) return *found;
    }
    return absent(*this, value, key);
}

Value Interpreter::slice(const Value &value, const Value &start, const Value &stop, const Value &step) {
    require_defined(value);
    const bool string = value.is_string();
    const auto *range = value.object_as<Range>();
    if (!string && !range && !value.is(Value::Type::Sequence)) {
        if (value.is(Value::Type::Dict)) fail_type("a dict has no slices");
        fail_type("'" + value.type_name() + "' object is not subscriptable");
    }
    const auto bound = [&](const Value &given, std::int64_t fallback) {
        if (given.is_none()) return fallback;
        const auto integer = given.as_integer();
        if (!integer) fail_type("slice indices must be integers or None or have an __index__ method");
        constexpr std::int64_t far = std::int64_t(1) << 60;
        return std::clamp(integer->small().value_or(integer->negative() ? -far : far), -far, far);
    };
    const auto stride = bound(step, 1);
    if (stride == 0) fail_value("slice step cannot be zero");

    const auto items = string ? std::vector<Value>() : range ? iterate(value) : value.items();
    const auto length = std::int64_t(string ? value.text().length : items.size());
    const auto place = [&](std::int64_t index) {
        if (index < 0) index += length;
        return std::clamp<std::int64_t>(index, stride < 0 ? -1 : 0, stride < 0 ? length - 1 : length);
    };
    const auto first = start.is_none() ? (stride < 0 ? length - 1 : 0) : place(bound(start, 0));
    const auto last = stop.is_none() ? (stride < 0 ? -1 : length) : place(bound(stop, 0));
    std::vector<std::size_t> places;
    if (string && stride == 1) {
        const auto &bytes = value.bytes();
        const auto at = [&](std::int64_t index) {
            return value.text().ascii() ? std::size_t(index) : byte_of_character(bytes, std::size_t(index));
        };
        const auto begin = at(first), end = at(std::max(first, last));
        work(bytes.size() / 16);
        return text(bytes.substr(begin, end - begin), value.text().markup);
    }
    for (auto i = first; stride < 0 ? i > last : i < last; i += stride) places.push_back(std::size_t(i));
    if (string) {
        const auto characters = characters_of(value.bytes());
        work(characters.size());
        Characters out;
        for (const auto i : places) out.push_back(characters[i]);
        return text(utf8_of(out), value.text().markup);
    }
    std::vector<Value> out;
    for (const auto i : places) out.push_back(items[i]);
    return value.is_tuple() ? Value::tuple(std::move(out)) : list(std::move(out));
}

std::vector<Value> Interpreter::iterate(const Value &value) {
    switch (value.type()) {
        case Value::Type::Undefined:
            if (value.absence().security) require_defined(value);
            return {};
        case Value::Type::String: {
            // An item takes far more room than a character.
            work(value.text().length * 64);
            std::vector<Value> items;
            items.reserve(value.text().length);
            for (const auto c : characters_of(value.bytes())) items.push_back(Value::text(utf8_of(std::u32string_view(&c, 1))));
            return items;
        }
        case Value::Type::Sequence:
            work(value.items().size());
            return value.items();
        case Value::Type::Dict: {
            work(value.dict().size());
            std::vector<Value> keys;
            keys.reserve(value.dict().size());
            for (const auto &[key, item] : value.dict().entries()) keys.push_back(key);
            return keys;
        }
        case Value::Type::Object:
            if (auto items = value.object().iterate()) {
                work(items->size() * 4);
                return std::move(*items);
            }
            break;
        default:
            break;
    }
    fail_type("'" + value.type_name() + "' object is not iterable");
}

}  // namespace millm::engine::jinja
