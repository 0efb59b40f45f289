#include "core/engine/tokenizer/template/value.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace millm::engine::jinja {

namespace {

/// Containers are destroyed and compared by recursion: this bounds it.
constexpr int deepest = 250;

int depth_of_container(int depth_inside) {
    if (depth_inside >= deepest) fail_limit("values nest more than 250 deep");
    return depth_inside + 1;
}

std::shared_ptr<const Sequence> make_sequence(std::vector<Value> items, bool tuple) {
    int depth = 0;
    for (const auto &item : items) depth = std::max(depth, item.depth());
    return std::make_shared<const Sequence>(Sequence{std::move(items), tuple, depth_of_container(depth)});
}

thread_local std::int64_t comparisons_left = std::numeric_limits<std::int64_t>::max();

void count_comparison() {
    if (--comparisons_left < 0) fail_limit("the template compares too much");
}

std::size_t hash_of(const Value &value) {
    count_comparison();
    switch (value.type()) {
        case Value::Type::Undefined:
            return 1;
        case Value::Type::None:
            return 2;
        case Value::Type::Boolean:
            return Integer(value.boolean()).hash();
        case Value::Type::Integer:
            return value.integer().hash();
        case Value::Type::Float: {
            const double number = value.number();
            const bool whole = std::abs(number) < 9e18 && std::trunc(number) == number;
            return whole ? Integer(std::int64_t(number)).hash() : std::hash<double>()(number);
        }
        case Value::Type::String:
            return std::hash<std::string_view>()(value.bytes());
        case Value::Type::Sequence: {
            if (!value.sequence().tuple) break;
            std::size_t hash = 3;
            for (const auto &item : value.items()) hash = hash * 1000003 ^ hash_of(item);
            return hash;
        }
        case Value::Type::Dict:
            break;
        case Value::Type::Object:
            return std::hash<const void *>()(&value.object());
    }
    fail_type("unhashable type: '" + value.type_name() + "'");
}

/// An int against a float, exactly.
std::partial_ordering compare_exactly(const Integer &a, double b) {
    if (std::isnan(b)) return std::partial_ordering::unordered;
    if (std::isinf(b)) return b > 0 ? std::partial_ordering::less : std::partial_ordering::greater;
    const auto whole = Integer::from_double(b);
    if (const auto order = a <=> whole; order != 0) return order;
    return 0.0 <=> b - std::trunc(b);
}

std::optional<std::partial_ordering> compare_numbers(const Value &a, const Value &b) {
    const auto x = a.as_integer(), y = b.as_integer();
    const bool x_float = a.is(Value::Type::Float), y_float = b.is(Value::Type::Float);
    if (x && y) return *x <=> *y;
    if (x && y_float) return compare_exactly(*x, b.number());
    if (x_float && y) return 0 <=> compare_exactly(*y, a.number());
    if (x_float && y_float) return a.number() <=> b.number();
    return std::nullopt;
}

}  // namespace

Value Object::call(Interpreter &, Arguments &) {
    fail_type("'" + type_name() + "' object is not callable");
}

Value Value::text(std::string bytes, bool markup) {
    Value value;
    const auto length = count_characters(bytes);
    value.m_state = std::make_shared<const Text>(Text{std::move(bytes), length, markup});
    return value;
}

Value Value::list(std::vector<Value> items) {
    Value value;
    value.m_state = make_sequence(std::move(items), false);
    return value;
}

Value Value::tuple(std::vector<Value> items) {
    Value value;
    value.m_state = make_sequence(std::move(items), true);
    return value;
}

Value Value::undefined(std::string message, bool security) {
    Value value;
    value.m_state = std::make_shared<const Absence>(Absence{std::move(message), security});
    return value;
}

bool Value::is_list() const {
    return is(Type::Sequence) && !sequence().tuple;
}
bool Value::is_tuple() const {
    return is(Type::Sequence) && sequence().tuple;
}

std::optional<Integer> Value::as_integer() const {
    if (is(Type::Integer)) return integer();
    if (is(Type::Boolean)) return Integer(boolean());
    return std::nullopt;
}

std::optional<double> Value::as_double() const {
    if (is(Type::Float)) return number();
    if (const auto value = as_integer()) return value->to_double();
    return std::nullopt;
}

bool Value::truthy() const {
    switch (type()) {
        case Type::Undefined:
        case Type::None:
            return false;
        case Type::Boolean:
            return boolean();
        case Type::Integer:
            return !integer().zero();
        case Type::Float:
            return number() != 0;
        case Type::String:
            return !bytes().empty();
        case Type::Sequence:
            return !items().empty();
        case Type::Dict:
            return dict().size() > 0;
        case Type::Object:
            return object().length().value_or(1) > 0;
    }
    return false;
}

std::string Value::type_name() const {
    switch (type()) {
        case Type::Undefined:
            return "Undefined";
        case Type::None:
            return "NoneType";
        case Type::Boolean:
            return "bool";
        case Type::Integer:
            return "int";
        case Type::Float:
            return "float";
        case Type::String:
            return text().markup ? "Markup" : "str";
        case Type::Sequence:
            return sequence().tuple ? "tuple" : "list";
        case Type::Dict:
            return "dict";
        case Type::Object:
            return object().type_name();
    }
    return {};
}

int Value::depth() const {
    switch (type()) {
        case Type::Sequence:
            return sequence().depth;
        case Type::Dict:
            return dict().depth();
        case Type::Object:
            return object().depth();
        default:
            return 0;
    }
}

bool Value::same_as(const Value &other) const {
    if (type() != other.type()) return false;
    switch (type()) {
        case Type::Sequence:
            return &sequence() == &other.sequence() ||
                   (is_tuple() && items().empty() && other.is_tuple() && other.items().empty());
        case Type::Dict:
            return &dict() == &other.dict();
        case Type::Undefined:
            return &absence() == &other.absence();
        default:
            return equal(*this, other);
    }
}

ComparingLimit::ComparingLimit(std::int64_t values) : m_before(std::exchange(comparisons_left, values)) {}

ComparingLimit::~ComparingLimit() {
    comparisons_left = m_before;
}

bool equal(const Value &a, const Value &b) {
    count_comparison();
    if (const auto order = compare_numbers(a, b)) return *order == 0;
    if (a.type() != b.type()) return false;
    switch (a.type()) {
        case Value::Type::Undefined:
        case Value::Type::None:
            return true;
        case Value::Type::String:
            return a.bytes() == b.bytes();
        case Value::Type::Sequence:
            return a.sequence().tuple == b.sequence().tuple &&
                   (&a.sequence() == &b.sequence() ||
                    std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), equal));
        case Value::Type::Dict:
            if (a.dict().size() != b.dict().size()) return false;
            return std::all_of(a.dict().entries().begin(), a.dict().entries().end(), [&](const auto &entry) {
                const auto *other = b.dict().find(entry.first);
                return other && equal(entry.second, *other);
            });
        case Value::Type::Object:
            return a.object().equals(b.object());
        default:
            return false;
    }
}

bool less(const Value &a, const Value &b, const char *op) {
    for (const auto *value : {&a, &b}) {
        if (value->is_undefined()) {
            throw Failure(value->absence().security ? Failure::Kind::Security : Failure::Kind::Undefined,
                          value->absence().message);
        }
    }
    if (const auto order = compare_numbers(a, b)) return *order < 0;
    if (a.is_string() && b.is_string()) return a.bytes() < b.bytes();
    if (a.is(Value::Type::Sequence) && b.is(Value::Type::Sequence) && a.sequence().tuple == b.sequence().tuple) {
        const auto &x = a.items(), &y = b.items();
        for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
            if (!equal(x[i], y[i])) return less(x[i], y[i], op);
        }
        return x.size() < y.size();
    }
    fail_type(std::string("'") + op + "' not supported between instances of '" + a.type_name() + "' and '" + b.type_name() +
              "'");
}

void Dict::set(Value key, Value value) {
    const auto hash = hash_of(key);
    m_depth = std::max(m_depth, depth_of_container(std::max(key.depth(), value.depth())));
    const auto [begin, end] = m_places.equal_range(hash);
    for (auto place = begin; place != end; ++place) {
        auto &entry = m_entries[place->second];
        if (equal(entry.first, key)) {
            entry.second = std::move(value);
            return;
        }
    }
    m_places.emplace(hash, m_entries.size());
    m_entries.emplace_back(std::move(key), std::move(value));
}

const Value *Dict::find(const Value &key) const {
    const auto [begin, end] = m_places.equal_range(hash_of(key));
    for (auto place = begin; place != end; ++place) {
        if (equal(m_entries[place->second].first, key)) return &m_entries[place->second].second;
    }
    return nullptr;
}

const Value *Dict::find(std::string_view key) const {
    const auto [begin, end] = m_places.equal_range(std::hash<std::string_view>()(key));
    for (auto place = begin; place != end; ++place) {
        const auto &entry = m_entries[place->second];
        if (entry.first.is_string() && entry.first.bytes() == key) return &entry.second;
    }
    return nullptr;
}

}  // namespace millm::engine::jinja
