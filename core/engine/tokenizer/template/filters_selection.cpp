// Filters that apply other filters and tests to each item.
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/filters.h"
#include "core/engine/tokenizer/template/objects.h"
#include "core/engine/tokenizer/template/printing.h"

#include <algorithm>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

std::string name_of(const Value &value, const char *what) {
    if (!value.is_string()) fail_type(std::string("No ") + what + " named " + value.type_name() + ".");
    return value.bytes();
}

void map_into(std::vector<Value> &out, In &in, const Value &value, const Arguments &arguments) {
    if (!value.truthy()) return;
    const auto keyword = [&](const char *name) {
        return std::find_if(arguments.keywords.begin(), arguments.keywords.end(),
                            [&](const auto &entry) { return entry.first == name; });
    };
    const auto end = arguments.keywords.end();
    if (arguments.positional.empty() && keyword("attribute") != end) {
        const auto fallback = keyword("default") == end ? Value() : keyword("default")->second;
        for (const auto &[name, ignored] : arguments.keywords) {
            if (name != "attribute" && name != "default") fail_value("Unexpected keyword argument " + string_repr(name));
        }
        const auto path = attribute_path(keyword("attribute")->second);
        for (const auto &item : in.iterate(value))
            out.push_back(follow(in, item, path, fallback.is_none() ? nullptr : &fallback));
        return;
    }
    if (arguments.positional.empty()) fail_value("map requires a filter argument");
    const auto name = name_of(arguments.positional[0], "filter");
    const Arguments rest{{arguments.positional.begin() + 1, arguments.positional.end()}, arguments.keywords};
    for (const auto &item : in.iterate(value)) {
        auto given = rest;
        out.push_back(in.filter(name, item, given));
    }
}

Value map(In &in, const Value &value, Arguments &arguments) {
    return generated([&](std::vector<Value> &out) { map_into(out, in, value, arguments); });
}

void choose_into(std::vector<Value> &out, In &in, const Value &value, const Arguments &arguments, bool wanted,
                 bool by_attribute) {
    if (!value.truthy()) return;
    const auto &given = arguments.positional;
    if (by_attribute && given.empty()) fail_value("Missing parameter for attribute name");
    const auto path = by_attribute ? attribute_path(given[0]) : std::vector<Value>();
    const std::size_t test_at = by_attribute ? 1 : 0;
    const bool has_test = given.size() > test_at;
    const auto name = has_test ? name_of(given[test_at], "test") : std::string();
    const Arguments rest{
        has_test ? std::vector<Value>(given.begin() + std::ptrdiff_t(test_at) + 1, given.end()) : std::vector<Value>(),
        arguments.keywords};
    for (const auto &item : in.iterate(value)) {
        const auto subject = follow(in, item, path);
        auto test_arguments = rest;
        const bool holds = has_test ? in.test(name, subject, test_arguments) : subject.truthy();
        if (holds == wanted) out.push_back(item);
    }
}

Value choose(In &in, const Value &value, const Arguments &arguments, bool wanted, bool by_attribute) {
    return generated([&](std::vector<Value> &out) { choose_into(out, in, value, arguments, wanted, by_attribute); });
}

Value select(In &in, const Value &value, Arguments &arguments) {
    return choose(in, value, arguments, true, false);
}
Value reject(In &in, const Value &value, Arguments &arguments) {
    return choose(in, value, arguments, false, false);
}
Value selectattr(In &in, const Value &value, Arguments &arguments) {
    return choose(in, value, arguments, true, true);
}
Value rejectattr(In &in, const Value &value, Arguments &arguments) {
    return choose(in, value, arguments, false, true);
}

constexpr FilterRow selection_filters_table[] = {
    {"map", map}, {"select", select}, {"reject", reject}, {"selectattr", selectattr}, {"rejectattr", rejectattr},
};

}  // namespace

std::span<const FilterRow> selection_filters() {
    return selection_filters_table;
}

}  // namespace millm::engine::jinja
