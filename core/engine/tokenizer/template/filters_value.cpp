// Filters over single values: numbers, JSON, defaults.
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/filters.h"
#include "core/engine/tokenizer/template/json_text.h"
#include "core/engine/tokenizer/template/numbers.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/parameters.h"
#include "core/engine/tokenizer/template/printing.h"

#include <cmath>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

Value abs(In &, const Value &value, Arguments &) {
    require_defined(value);
    if (const auto integer = value.as_integer()) return Value(integer->negative() ? -*integer : *integer);
    if (value.is(Value::Type::Float)) return Value(std::abs(value.number()));
    fail_type("bad operand type for abs(): '" + value.type_name() + "'");
}

Value to_int(In &, const Value &value, Arguments &arguments) {
    const Parameters p("int", arguments, {"default", "base"});
    require_defined(value);
    const auto fallback = p.value(0, Value(std::int64_t(0)));
    if (const auto integer = value.as_integer()) return Value(*integer);
    if (value.is(Value::Type::Float))
        return std::isfinite(value.number()) ? Value(Integer::from_double(value.number())) : fallback;
    if (!value.is_string()) return fallback;
    if (const auto integer = parse_int(value.bytes(), int(p.integer(1, 10)))) return Value(*integer);
    const auto number = parse_float(value.bytes());
    return number && std::isfinite(*number) ? Value(Integer::from_double(*number)) : fallback;
}

Value to_float(In &, const Value &value, Arguments &arguments) {
    const Parameters p("float", arguments, {"default"});
    require_defined(value);
    if (const auto number = value.as_double()) {
        if (std::isinf(*number) && !value.is(Value::Type::Float))
            throw Failure(Failure::Kind::Overflow, "int too large to convert to float");
        return Value(*number);
    }
    const auto number = value.is_string() ? parse_float(value.bytes()) : std::nullopt;
    return number ? Value(*number) : p.value(0, Value(0.0));
}

Value round(In &, const Value &value, Arguments &arguments) {
    const Parameters p("round", arguments, {"precision", "method"});
    const auto method = p.string(1, "common");
    if (method != "common" && method != "ceil" && method != "floor") fail_value("method must be common, ceil or floor");
    require_defined(value);
    const auto precision = p.integer(0, 0);
    const auto integer = value.as_integer();
    if (method == "common") {
        if (integer) return Value(round_integer(*integer, precision));
        if (value.is(Value::Type::Float)) return Value(round_float(value.number(), precision));
        fail_type("type " + value.type_name() + " doesn't define __round__ method");
    }
    const auto number = value.as_double();
    if (!number) fail_type("must be real number, not " + value.type_name());
    const double scale = std::pow(10.0, double(precision)), scaled = *number * scale;
    if (!std::isfinite(scaled)) throw Failure(Failure::Kind::Overflow, "cannot convert float infinity to integer");
    return Value((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Value fallback(In &, const Value &value, Arguments &arguments) {
    const Parameters p("default", arguments, {"default_value", "boolean"});
    const bool replaced = value.is_undefined() || (p.boolean(1, false) && !value.truthy());
    return replaced ? p.value(0, Value::text("")) : value;
}

Value tojson(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonLayout layout;
    layout.ensure_ascii = p.boolean(0, false);
    layout.sort_keys = p.boolean(3, false);
    const auto indent = p.value(1);
    if (indent.is_string()) {
        layout.indent = indent.bytes();
    } else if (!indent.is_none()) {
        const auto width = std::max<std::int64_t>(p.integer(1, 0), 0);
        in.check_text(std::size_t(width));
        layout.indent = std::string(std::size_t(width), ' ');
    }
    if (layout.indent) layout.item_separator = ",";
    if (p.has(2) && !p.value(2).is_none()) {
        const auto separators = in.iterate(p.value(2));
        if (separators.size() != 2 || !separators[0].is_string() || !separators[1].is_string())
            fail_value("separators wants two strings");
        layout.item_separator = separators[0].bytes();
        layout.key_separator = separators[1].bytes();
    }
    return in.text(json_text(in, value, layout));
}

Value attr(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("attr", arguments, {"name"});
    const auto name = p.string(0, "");
    p.required(0);
    // Attributes only: an item of that name does not count.
    const auto found = in.attribute(value, name);
    if (value.is(Value::Type::Dict) && value.dict().find(name) && !found.is(Value::Type::Object)) {
        return Value::undefined("'dict object' has no attribute " + string_repr(name));
    }
    return found;
}

Value pprint(In &in, const Value &value, Arguments &) {
    return in.text(to_repr(in, value));
}

Value xmlattr(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("xmlattr", arguments, {"autospace"});
    require_defined(value);
    if (!value.is(Value::Type::Dict)) fail_type("xmlattr wants a mapping, not " + value.type_name());
    std::string out;
    for (const auto &[key, item] : value.dict().entries()) {
        if (item.is_none() || item.is_undefined()) continue;
        if (!key.is_string() || key.bytes().find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
            fail_value("Invalid character in attribute name: " + to_repr(in, key));
        }
        out += (out.empty() ? "" : " ") + escaped(in, key) + "=\"" + escaped(in, item) + "\"";
        in.check_text(out.size());
    }
    return in.text(p.boolean(0, true) && !out.empty() ? " " + out : out);
}

constexpr FilterRow value_filters_table[] = {
    {"abs", alone<abs>}, {"int", to_int},    {"float", to_float}, {"round", round},   {"default", fallback},
    {"d", fallback},     {"tojson", tojson}, {"attr", attr},      {"pprint", pprint}, {"xmlattr", xmlattr},
};

}  // namespace

std::span<const FilterRow> value_filters() {
    return value_filters_table;
}

}  // namespace millm::engine::jinja
