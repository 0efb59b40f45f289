#include "core/engine/tokenizer/template/filters.h"

#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>

namespace millm::engine::jinja {

Filter find_filter(std::string_view name) {
    for (const auto table : {text_filters(), sequence_filters(), selection_filters(), value_filters()}) {
        const auto row = std::find_if(table.begin(), table.end(), [&](const auto &entry) { return entry.name == name; });
        if (row != table.end()) return row->filter;
    }
    return nullptr;
}

std::vector<Value> attribute_path(const Value &attribute) {
    if (attribute.is_none()) return {};
    if (!attribute.is_string()) return {attribute};
    std::vector<Value> path;
    const std::string &text = attribute.bytes();
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find('.', begin), text.size());
        const auto part = text.substr(begin, end - begin);
        const bool number = !part.empty() && part.size() < 18 && part.find_first_not_of("0123456789") == std::string::npos;
        path.push_back(number ? Value(std::int64_t(std::stoll(part))) : Value::text(part));
        begin = end + 1;
    }
    return path;
}

Value follow(Interpreter &interpreter, const Value &value, const std::vector<Value> &path, const Value *fallback) {
    auto at = value;
    for (const auto &key : path) {
        at = interpreter.item(at, key);
        if (fallback && at.is_undefined()) at = *fallback;
    }
    return at;
}

Value ignoring_case(const Value &value) {
    return value.is_string() ? Value::text(utf8_of(lower(characters_of(value.bytes())))) : value;
}

}  // namespace millm::engine::jinja
