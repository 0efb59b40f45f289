// Filters over rows of values.
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/filters.h"
#include "core/engine/tokenizer/template/objects.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/parameters.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

std::size_t length_of(const Value &value) {
    switch (value.type()) {
        case Value::Type::Undefined:
            return 0;
        case Value::Type::String:
            return value.text().length;
        case Value::Type::Sequence:
            return value.items().size();
        case Value::Type::Dict:
            return value.dict().size();
        case Value::Type::Object:
            if (const auto length = value.object().length()) return *length;
            break;
        default:
            break;
    }
    fail_type("object of type '" + value.type_name() + "' has no len()");
}

Value length(In &, const Value &value, Arguments &) {
    return Value(std::int64_t(length_of(value)));
}
Value list(In &in, const Value &value, Arguments &) {
    return in.list(in.iterate(value));
}

Value first(In &in, const Value &value, Arguments &) {
    if (auto *iterator = value.object_as<Iterator>()) {
        const auto item = iterator->next();
        return item ? *item : Value::undefined("No first item, sequence was empty.");
    }
    if (value.is_string() && !value.bytes().empty()) return in.item(value, Value(std::int64_t(0)));
    const auto items = in.iterate(value);
    return items.empty() ? Value::undefined("No first item, sequence was empty.") : items.front();
}

Value last(In &in, const Value &value, Arguments &) {
    if (value.object_as<Iterator>()) fail_type("'" + value.type_name() + "' object is not reversible");
    if (value.is_string() && !value.bytes().empty()) return in.item(value, Value(std::int64_t(-1)));
    const auto items = in.iterate(value);
    return items.empty() ? Value::undefined("No last item, sequence was empty.") : items.back();
}

Value random(In &in, const Value &value, Arguments &) {
    const auto items = in.iterate(value);
    if (items.empty()) return Value::undefined("No random item, sequence was empty.");
    std::random_device device;
    return items[std::uniform_int_distribution<std::size_t>(0, items.size() - 1)(device)];
}

Value reverse(In &in, const Value &value, Arguments &) {
    if (value.is_string()) {
        auto characters = characters_of(value.bytes());
        std::reverse(characters.begin(), characters.end());
        return in.text(utf8_of(characters), value.text().markup);
    }
    auto items = in.iterate(value);
    std::reverse(items.begin(), items.end());
    // Python reverses a generator by way of a list.
    if (value.object_as<Iterator>()) return in.list(std::move(items));
    const char *type = value.is_tuple()              ? "reversed"
                       : value.is(Value::Type::Dict) ? "dict_reversekeyiterator"
                                                     : "list_reverseiterator";
    return make_object<Iterator>(type, std::move(items));
}

Value join(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("join", arguments, {"d", "attribute"});
    const auto separator = p.has(0) ? to_str(in, p.value(0)) : std::string();
    const auto path = attribute_path(p.value(1));
    std::string out;
    bool begun = false;
    for (const auto &item : in.iterate(value)) {
        if (begun) out += separator;
        begun = true;
        out += to_str(in, follow(in, item, path));
        in.check_text(out.size());
    }
    return in.text(std::move(out));
}

/// Sorts by keys; equal ones keep their order, also backwards.
std::vector<Value> sorted(In &in, std::vector<Value> items, const std::vector<Value> &keys, bool reverse) {
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        in.work(4);
        return reverse ? less(keys[b], keys[a]) : less(keys[a], keys[b]);
    });
    std::vector<Value> out;
    out.reserve(items.size());
    for (const auto i : order) out.push_back(items[i]);
    return out;
}

std::vector<Value> keys_of(In &in, const std::vector<Value> &items, const Value &attribute, bool case_sensitive,
                           const Value *fallback = nullptr) {
    const auto path = attribute_path(attribute);
    std::vector<Value> keys;
    keys.reserve(items.size());
    for (const auto &item : items) {
        auto key = follow(in, item, path, fallback);
        keys.push_back(case_sensitive ? std::move(key) : ignoring_case(key));
    }
    return keys;
}

Value sort(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("sort", arguments, {"reverse", "case_sensitive", "attribute"});
    auto items = in.iterate(value);
    const auto attribute = p.value(2);
    const bool case_sensitive = p.boolean(1, false);
    std::vector<Value> keys;
    if (attribute.is_string() && attribute.bytes().find(',') != std::string::npos) {
        // Several attributes, the first before the second.
        std::vector<std::vector<Value>> columns;
        for (std::size_t begin = 0; begin <= attribute.bytes().size();) {
            const auto end = std::min(attribute.bytes().find(',', begin), attribute.bytes().size());
            columns.push_back(keys_of(in, items, Value::text(attribute.bytes().substr(begin, end - begin)), case_sensitive));
            begin = end + 1;
        }
        for (std::size_t i = 0; i < items.size(); ++i) {
            std::vector<Value> key;
            for (const auto &column : columns) key.push_back(column[i]);
            keys.push_back(Value::list(std::move(key)));
        }
    } else {
        // Lists of one: equal keys need no order, though they had none (None, what is not there).
        for (auto &key : keys_of(in, items, attribute, case_sensitive)) keys.push_back(Value::list({std::move(key)}));
    }
    return in.list(sorted(in, std::move(items), keys, p.boolean(0, false)));
}

Value dictsort(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("dictsort", arguments, {"case_sensitive", "by", "reverse"});
    const auto by = p.string(1, "key");
    if (by != "key" && by != "value") fail_value("You can only sort by either \"key\" or \"value\"");
    require_defined(value);
    if (!value.is(Value::Type::Dict)) {
        throw Failure(Failure::Kind::Undefined, "'" + value.type_name() + " object' has no attribute 'items'");
    }
    std::vector<Value> items, keys;
    for (const auto &[key, item] : value.dict().entries()) {
        items.push_back(Value::tuple({key, item}));
        keys.push_back(p.boolean(0, false) ? (by == "key" ? key : item) : ignoring_case(by == "key" ? key : item));
    }
    return in.list(sorted(in, std::move(items), keys, p.boolean(2, false)));
}

Value unique(In &in, const Value &value, Arguments &arguments) {
    return generated([&](std::vector<Value> &out) {
        const Parameters p("unique", arguments, {"case_sensitive", "attribute"});
        const auto items = in.iterate(value);
        const auto keys = keys_of(in, items, p.value(1), p.boolean(0, false));
        Dict seen;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (seen.find(keys[i])) continue;
            seen.set(keys[i], Value());
            out.push_back(items[i]);
        }
    });
}

Value extreme(In &in, const Value &value, Arguments &arguments, bool largest) {
    const Parameters p(largest ? "max" : "min", arguments, {"case_sensitive", "attribute"});
    const auto items = in.iterate(value);
    if (items.empty()) return Value::undefined("No aggregated item, sequence was empty.");
    const auto keys = keys_of(in, items, p.value(1), p.boolean(0, false));
    std::size_t best = 0;
    for (std::size_t i = 1; i < items.size(); ++i) {
        if (largest ? less(keys[best], keys[i], ">") : less(keys[i], keys[best], "<")) best = i;
    }
    return items[best];
}

Value min(In &in, const Value &value, Arguments &arguments) {
    return extreme(in, value, arguments, false);
}
Value max(In &in, const Value &value, Arguments &arguments) {
    return extreme(in, value, arguments, true);
}

Value sum(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("sum", arguments, {"attribute", "start"});
    const auto path = attribute_path(p.value(0));
    auto total = p.value(1, Value(std::int64_t(0)));
    if (total.is_string()) fail_type("sum() can't sum strings [use ''.join(seq) instead]");
    for (const auto &item : in.iterate(value)) total = arithmetic(in, Operator::Add, total, follow(in, item, path));
    return total;
}

Value slice(In &in, const Value &value, Arguments &arguments) {
    return generated([&](std::vector<Value> &out) {
        const Parameters p("slice", arguments, {"slices", "fill_with"});
        p.required(0);
        const auto items = in.iterate(value);
        const auto slices = p.integer(0, 1);
        if (slices == 0) throw Failure(Failure::Kind::ZeroDivision, "integer division or modulo by zero");
        if (slices > 0) in.work(std::size_t(slices) * 64);
        const auto each = slices > 0 ? items.size() / std::size_t(slices) : 0,
                   longer = slices > 0 ? items.size() % std::size_t(slices) : 0;
        std::size_t at = 0;
        for (std::size_t i = 0; std::int64_t(i) < slices; ++i) {
            const auto size = each + (i < longer ? 1 : 0);
            std::vector<Value> row(items.begin() + std::ptrdiff_t(at), items.begin() + std::ptrdiff_t(at + size));
            at += size;
            if (p.has(1) && !p.value(1).is_none() && i >= longer) row.push_back(p.value(1));
            out.push_back(Value::list(std::move(row)));
        }
    });
}

Value batch(In &in, const Value &value, Arguments &arguments) {
    return generated([&](std::vector<Value> &out) {
        const Parameters p("batch", arguments, {"linecount", "fill_with"});
        p.required(0);
        const auto size = p.integer(0, 1);
        std::vector<Value> row;
        for (const auto &item : in.iterate(value)) {
            if (std::int64_t(row.size()) == size) out.push_back(Value::list(std::exchange(row, {})));
            row.push_back(item);
        }
        if (!row.empty()) {
            if (p.has(1) && !p.value(1).is_none() && size > std::int64_t(row.size())) {
                in.work(std::size_t(size) * 16);
                row.resize(std::size_t(size), p.value(1));
            }
            out.push_back(Value::list(std::move(row)));
        }
    });
}

Value groupby(In &in, const Value &value, Arguments &arguments) {
    const Parameters p("groupby", arguments, {"attribute", "default", "case_sensitive"});
    const auto attribute = p.required(0);
    const bool case_sensitive = p.boolean(2, false);
    const auto fallback = p.value(1);
    const auto *use = fallback.is_none() ? nullptr : &fallback;
    auto items = in.iterate(value);
    items = sorted(in, items, keys_of(in, items, attribute, case_sensitive, use), false);
    const auto keys = keys_of(in, items, attribute, case_sensitive, use);
    const auto path = attribute_path(attribute);
    std::vector<Value> out;
    for (std::size_t begin = 0; begin < items.size();) {
        auto end = begin + 1;
        while (end < items.size() && equal(keys[begin], keys[end])) ++end;
        out.push_back(
            make_object<Group>(follow(in, items[begin], path, use),
                               Value::list({items.begin() + std::ptrdiff_t(begin), items.begin() + std::ptrdiff_t(end)})));
        begin = end;
    }
    return in.list(std::move(out));
}

Value items(In &in, const Value &value, Arguments &) {
    return generated([&](std::vector<Value> &out) {
        if (value.is(Value::Type::Dict)) {
            in.work(value.dict().size() * 8);
            for (const auto &[key, item] : value.dict().entries()) out.push_back(Value::tuple({key, item}));
        } else if (!value.is_undefined()) {
            fail_type("Can only get item pairs from a mapping.");
        }
    });
}

constexpr FilterRow sequence_filters_table[] = {
    {"length", alone<length>},
    {"count", alone<length>},
    {"list", alone<list>},
    {"first", alone<first>},
    {"last", alone<last>},
    {"random", alone<random>},
    {"reverse", alone<reverse>},
    {"join", join},
    {"sort", sort},
    {"dictsort", dictsort},
    {"unique", unique},
    {"min", min},
    {"max", max},
    {"sum", sum},
    {"slice", slice},
    {"batch", batch},
    {"groupby", groupby},
    {"items", alone<items>},
};

}  // namespace

std::span<const FilterRow> sequence_filters() {
    return sequence_filters_table;
}

}  // namespace millm::engine::jinja
