#include "core/engine/checkpoint/pickle.h"

#include "core/engine/checkpoint/failure.h"

#include <bit>
#include <cstring>
#include <string_view>
#include <unordered_map>

namespace millm::engine {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t pickle_limit = 64u << 20, stack_limit = 1'000'000, text_limit = 64u << 10, value_limit = 2'000'000;
constexpr std::size_t dimension_limit = 8, mark_limit = 100'000;

/// What a global may do when REDUCE applies it.
enum class Act : std::uint8_t { EmptyDict, TensorV2, TensorV3, Parameter, PassTuple, Storage, Element, Ignore };

struct GlobalRow {
    std::string_view module, name;
    Act act;
    std::optional<DType> dtype = std::nullopt;
};

// Everything a pickle may name. Each row stands for itself; none leads to code.
constexpr GlobalRow globals[] = {
    {"collections", "OrderedDict", Act::EmptyDict},
    {"collections", "Counter", Act::EmptyDict},
    {"collections", "defaultdict", Act::EmptyDict},
    {"torch._utils", "_rebuild_tensor", Act::TensorV2},  // before torch 0.4
    {"torch._utils", "_rebuild_tensor_v2", Act::TensorV2},
    {"torch._utils", "_rebuild_tensor_v3", Act::TensorV3},
    {"torch._utils", "_rebuild_parameter", Act::Parameter},
    {"torch", "Size", Act::PassTuple},
    {"torch", "device", Act::Ignore},
    {"torch.serialization", "_get_layout", Act::Ignore},
    {"torch", "DoubleStorage", Act::Storage, DType::F64},
    {"torch", "FloatStorage", Act::Storage, DType::F32},
    {"torch", "HalfStorage", Act::Storage, DType::F16},
    {"torch", "BFloat16Storage", Act::Storage, DType::BF16},
    {"torch", "LongStorage", Act::Storage, DType::I64},
    {"torch", "IntStorage", Act::Storage, DType::I32},
    {"torch", "ShortStorage", Act::Storage, DType::I16},
    {"torch", "CharStorage", Act::Storage, DType::I8},
    {"torch", "ByteStorage", Act::Storage, DType::U8},
    {"torch", "BoolStorage", Act::Storage, DType::Bool},
    {"torch", "ComplexFloatStorage", Act::Storage, DType::C64},
    {"torch.storage", "UntypedStorage", Act::Storage},
    {"torch", "UntypedStorage", Act::Storage},
    {"torch", "float64", Act::Element, DType::F64},
    {"torch", "float32", Act::Element, DType::F32},
    {"torch", "float16", Act::Element, DType::F16},
    {"torch", "bfloat16", Act::Element, DType::BF16},
    {"torch", "float8_e4m3fn", Act::Element, DType::F8_E4M3},
    {"torch", "float8_e5m2", Act::Element, DType::F8_E5M2},
    {"torch", "int64", Act::Element, DType::I64},
    {"torch", "int32", Act::Element, DType::I32},
    {"torch", "int16", Act::Element, DType::I16},
    {"torch", "int8", Act::Element, DType::I8},
    {"torch", "uint64", Act::Element, DType::U64},
    {"torch", "uint32", Act::Element, DType::U32},
    {"torch", "uint16", Act::Element, DType::U16},
    {"torch", "uint8", Act::Element, DType::U8},
    {"torch", "bool", Act::Element, DType::Bool},
    {"torch", "complex64", Act::Element, DType::C64},
    // append a row
};

enum Op : std::uint8_t {
    PROTO = 0x80,
    GLOBAL = 'c',
    EMPTY_TUPLE = ')',
    EMPTY_DICT = '}',
    EMPTY_LIST = ']',
    MARK = '(',
    REDUCE = 'R',
    BUILD = 'b',
    BINUNICODE = 'X',
    SHORT_BINSTRING = 'U',
    BININT = 'J',
    BININT1 = 'K',
    BININT2 = 'M',
    LONG1 = 0x8a,
    BINFLOAT = 'G',
    BINPUT = 'q',
    LONG_BINPUT = 'r',
    BINGET = 'h',
    LONG_BINGET = 'j',
    TUPLE = 't',
    TUPLE1 = 0x85,
    TUPLE2 = 0x86,
    TUPLE3 = 0x87,
    NEWTRUE = 0x88,
    NEWFALSE = 0x89,
    NONE = 'N',
    SETITEM = 's',
    SETITEMS = 'u',
    APPEND = 'a',
    APPENDS = 'e',
    BINPERSID = 'Q',
    STOP = '.',
};

}  // namespace

/// The interpreter of one pickle. Every step either does one of the opcodes above or ends with an error.
class PickleMachine {
public:
    PickleMachine(std::deque<PickleValue> &values, std::span<const std::byte> bytes) : m_values(values), m_bytes(bytes) {}

    Result<const PickleValue *> run() {
        while (!m_error && !m_result) step();
        if (m_error) return *std::move(m_error);
        return m_result;
    }
    std::size_t position() const { return m_at; }

private:
    void step() {
        const std::uint8_t op = byte();
        if (m_error) return;
        switch (op) {
            case PROTO:
                return protocol(byte());
            case GLOBAL:
                return global();
            case EMPTY_TUPLE:
                push(Kind::Tuple);
                return;
            case EMPTY_DICT:
                push(Kind::Dict);
                return;
            case EMPTY_LIST:
                push(Kind::List);
                return;
            case NONE:
                push(Kind::None);
                return;
            case NEWTRUE:
                push(Kind::Bool, 1);
                return;
            case NEWFALSE:
                push(Kind::Bool, 0);
                return;
            case BININT:
                push(Kind::Int, static_cast<std::int32_t>(number(4)));
                return;
            case BININT1:
                push(Kind::Int, static_cast<std::int64_t>(number(1)));
                return;
            case BININT2:
                push(Kind::Int, static_cast<std::int64_t>(number(2)));
                return;
            case LONG1:
                return long_integer(byte());
            case BINFLOAT:
                take(8);
                push(Kind::Float);
                return;
            case BINUNICODE:
                return text(number(4));
            case SHORT_BINSTRING:
                return text(number(1));
            case MARK:
                return mark();
            case TUPLE:
                return tuple(to_mark());
            case TUPLE1:
                return tuple(last(1));
            case TUPLE2:
                return tuple(last(2));
            case TUPLE3:
                return tuple(last(3));
            case APPEND:
                return append(last(1));
            case APPENDS:
                return append(to_mark());
            case SETITEM:
                return set_items(last(2));
            case SETITEMS:
                return set_items(to_mark());
            case BINPUT:
                return put(number(1));
            case LONG_BINPUT:
                return put(number(4));
            case BINGET:
                return get(number(1));
            case LONG_BINGET:
                return get(number(4));
            case BINPERSID:
                return persistent();
            case REDUCE:
                return reduce();
            case BUILD:
                last(1);
                top();
                return;  // an OrderedDict's _metadata: of no interest
            case STOP:
                m_result = top();
                return;
            default:
                return refuse("opcode ", static_cast<int>(op), " at byte ", m_at - 1, " is none that weights need");
        }
    }

    // ---- reading bytes
    std::span<const std::byte> take(std::size_t count) {
        if (m_error) return {};
        if (count > m_bytes.size() - m_at) {
            refuse("ends at byte ", m_bytes.size(), ", ", count, " more are wanted at ", m_at);
            return {};
        }
        m_at += count;
        return m_bytes.subspan(m_at - count, count);
    }
    std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
    std::uint64_t number(std::size_t width) {
        std::uint64_t value = 0;
        const auto bytes = take(width);
        for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
        return value;
    }
    std::string line() {
        const std::size_t begin = m_at;
        while (m_at < m_bytes.size() && m_bytes[m_at] != std::byte{'\n'} && m_at - begin <= text_limit) ++m_at;
        const std::string value(reinterpret_cast<const char *>(m_bytes.data()) + begin, m_at - begin);
        if (byte() != '\n') refuse("a name at byte ", begin, " has no end");
        return value;
    }

    // ---- the stack
    PickleValue *push(Kind kind, std::int64_t number = 0) {
        if (m_error) return nullptr;
        if (m_values.size() >= value_limit || m_stack.size() >= stack_limit) {
            refuse("more than ", stack_limit, " values on the stack or ", value_limit, " in all");
            return nullptr;
        }
        PickleValue &value = m_values.emplace_back();
        value.kind = kind;
        value.number = number;
        m_stack.push_back(&value);
        return &value;
    }
    PickleValue *top() {
        if (m_error) return nullptr;
        if (m_stack.size() <= floor()) {
            refuse("takes a value from an empty stack at byte ", m_at);
            return nullptr;
        }
        return m_stack.back();
    }
    std::size_t floor() const { return m_marks.empty() ? 0 : m_marks.back(); }
    std::vector<PickleValue *> last(std::size_t count) {
        if (m_error) return {};
        if (m_stack.size() - floor() < count) {
            refuse("takes ", count, " values from a stack of ", m_stack.size() - floor(), " at byte ", m_at);
            return {};
        }
        std::vector<PickleValue *> values(m_stack.end() - static_cast<std::ptrdiff_t>(count), m_stack.end());
        m_stack.resize(m_stack.size() - count);
        return values;
    }
    void mark() {
        if (m_marks.size() >= mark_limit) return refuse("more than ", mark_limit, " open marks");
        m_marks.push_back(m_stack.size());
    }
    std::vector<PickleValue *> to_mark() {
        if (m_error) return {};
        if (m_marks.empty()) {
            refuse("no mark where one is wanted at byte ", m_at);
            return {};
        }
        std::vector<PickleValue *> values = last(m_stack.size() - floor());
        m_marks.pop_back();
        return values;
    }

    // ---- opcodes
    void protocol(std::uint8_t version) {
        if (!m_error && version > 5) refuse("protocol ", static_cast<int>(version), " is none that exists");
    }
    void global() {
        const std::string module = line(), name = line();
        if (m_error) return;
        for (std::size_t row = 0; row < std::size(globals); ++row)
            if (globals[row].module == module && globals[row].name == name) {
                PickleValue *value = push(Kind::Global);
                if (!value) return;
                value->global = static_cast<std::uint8_t>(row);
                value->dtype = globals[row].dtype;
                return;
            }
        m_error = failure(ErrorCode::NeedsRemoteCode, "pickle: the file wants to run or make \"", printable(module), ".",
                          printable(name), "\", which is no part of plain weights; nothing of it was run");
    }
    void text(std::uint64_t length) {
        if (!m_error && length > text_limit) return refuse("a text of ", length, " bytes, the limit is ", text_limit);
        const auto bytes = take(length);
        if (PickleValue *value = push(Kind::Text))
            value->text.assign(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    }
    void long_integer(std::uint8_t length) {
        const auto bytes = take(length);
        if (length > 8) {
            if (PickleValue *value = push(Kind::BigInt))
                value->text.assign(reinterpret_cast<const char *>(bytes.data()), bytes.size());
            return;
        }
        std::uint64_t value = 0;
        for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
        if (length > 0 && length < 8 && (value >> (8 * length - 1) & 1)) value |= ~std::uint64_t{0} << (8 * length);
        push(Kind::Int, static_cast<std::int64_t>(value));
    }
    void tuple(const std::vector<PickleValue *> &items) {
        if (PickleValue *value = push(Kind::Tuple)) value->items.assign(items.begin(), items.end());
    }
    void append(const std::vector<PickleValue *> &items) {
        PickleValue *list = top();
        if (!list) return;
        if (list->kind != Kind::List) return refuse("appends to what is no list at byte ", m_at);
        list->items.insert(list->items.end(), items.begin(), items.end());
    }
    void set_items(const std::vector<PickleValue *> &items) {
        PickleValue *dict = top();
        if (!dict) return;
        if (dict->kind != Kind::Dict || items.size() % 2) return refuse("sets items of what is no dict at byte ", m_at);
        for (std::size_t i = 0; i < items.size(); i += 2) dict->pairs.emplace_back(items[i], items[i + 1]);
    }
    void put(std::uint64_t slot) {
        if (!m_error && slot >= stack_limit) return refuse("memo slot ", slot, ", the limit is ", stack_limit);
        if (PickleValue *value = top()) m_memo[slot] = value;
    }
    void get(std::uint64_t slot) {
        if (m_error) return;
        const auto found = m_memo.find(slot);
        if (found == m_memo.end()) return refuse("reads memo slot ", slot, ", which nothing was put in");
        if (m_stack.size() >= stack_limit) return refuse("more than ", stack_limit, " values on the stack");
        m_stack.push_back(found->second);
    }

    /// ("storage", <class>, key, location, elements[, view])
    void persistent() {
        const auto id = last(1);
        if (m_error) return;
        const auto &fields = id[0]->items;
        if (id[0]->kind != Kind::Tuple || fields.size() < 5 || fields.size() > 6 || fields[0]->kind != Kind::Text ||
            fields[0]->text != "storage" || fields[1]->kind != Kind::Global || globals[fields[1]->global].act != Act::Storage ||
            fields[2]->kind != Kind::Text || fields[4]->kind != Kind::Int || fields[4]->number < 0)
            return refuse("the persistent id at byte ", m_at, " is no storage");
        PickleValue *storage = push(Kind::Storage, fields[4]->number);
        if (!storage) return;
        storage->text = fields[2]->text;
        storage->dtype = fields[1]->dtype;
        storage->requires_view = fields.size() == 6 && fields[5]->kind != Kind::None;
    }

    void reduce() {
        const auto call = last(2);
        if (m_error) return;
        if (call[0]->kind != Kind::Global || call[1]->kind != Kind::Tuple)
            return refuse("calls what is no known name at byte ", m_at);
        const auto &arguments = call[1]->items;
        switch (globals[call[0]->global].act) {
            case Act::EmptyDict:
                push(Kind::Dict);
                return;
            case Act::Ignore:
                push(Kind::None);
                return;
            case Act::TensorV2:
                return tensor(arguments, false);
            case Act::TensorV3:
                return tensor(arguments, true);
            case Act::PassTuple:
            case Act::Parameter: {
                if (arguments.empty()) return refuse("a call without arguments at byte ", m_at);
                m_stack.push_back(const_cast<PickleValue *>(arguments[0]));
                return;
            }
            default:
                return refuse("calls \"", globals[call[0]->global].name, "\", which is no function, at byte ", m_at);
        }
    }

    bool integers(const PickleValue &tuple, std::vector<std::int64_t> &out) {
        if (tuple.kind != Kind::Tuple || tuple.items.size() > dimension_limit) return false;
        for (const PickleValue *item : tuple.items) {
            if (item->kind != Kind::Int || item->number < 0) return false;
            out.push_back(item->number);
        }
        return true;
    }

    /// (storage, offset, shape, strides, requires_grad, hooks[, dtype | metadata])
    void tensor(const std::vector<const PickleValue *> &arguments, bool carries_dtype) {
        if (arguments.size() < (carries_dtype ? 7u : 4u) || arguments[0]->kind != Kind::Storage ||
            arguments[1]->kind != Kind::Int || arguments[1]->number < 0)
            return refuse("a tensor at byte ", m_at, " has no storage or offset");
        PickleValue *tensor = push(Kind::Tensor, arguments[1]->number);
        if (!tensor) return;
        tensor->items = {arguments[0]};
        tensor->dtype = carries_dtype ? arguments[6]->dtype : arguments[0]->dtype;
        if (!tensor->dtype) return refuse("a tensor at byte ", m_at, " has no element type that is known");
        if (!integers(*arguments[2], tensor->shape) || !integers(*arguments[3], tensor->strides) ||
            tensor->shape.size() != tensor->strides.size())
            return refuse("a tensor at byte ", m_at, " has ", arguments[2]->items.size(), " dimensions and ",
                          arguments[3]->items.size(), " strides; both must be at most ", dimension_limit, " whole numbers");
    }

    template <class... Parts>
    void refuse(const Parts &...parts) {
        if (!m_error) m_error = invalid_file("pickle: ", parts...);
    }

    std::deque<PickleValue> &m_values;
    std::span<const std::byte> m_bytes;
    std::size_t m_at = 0;
    std::vector<PickleValue *> m_stack;
    std::vector<std::size_t> m_marks;
    std::unordered_map<std::uint64_t, PickleValue *> m_memo;
    const PickleValue *m_result = nullptr;
    std::optional<Error> m_error;
};

Result<const PickleValue *> PickleReader::read(std::span<const std::byte> bytes, std::size_t &consumed) {
    PickleMachine machine(m_values, bytes.first(std::min(bytes.size(), pickle_limit)));
    auto result = machine.run();
    consumed = machine.position();
    return result;
}

}  // namespace millm::engine
