#include "core/engine/tokenizer/template/globals.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/objects.h"
#include "core/engine/tokenizer/template/parameters.h"
#include "core/engine/tokenizer/template/printing.h"

namespace millm::engine::jinja {

namespace {

using In = Interpreter;

constexpr std::int64_t longest_range = 100'000;

Value range(In &, Arguments &arguments) {
    const Parameters p("range", arguments, {"start", "stop", "step"});
    p.required(0);
    const bool single = !p.has(1);
    const auto start = single ? 0 : p.integer(0, 0), stop = single ? p.integer(0, 0) : p.integer(1, 0), step = p.integer(2, 1);
    if (step == 0) fail_value("range() arg 3 must not be zero");
    const auto span = step > 0 ? stop - start : start - stop;
    const auto length = span <= 0 ? 0 : (span - 1) / (step > 0 ? step : -step) + 1;
    if (length > longest_range) {
        throw Failure(Failure::Kind::Overflow, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
    }
    return make_object<Range>(start, stop, step, std::size_t(length));
}

Value dict(In &in, Arguments &arguments) {
    auto out = std::make_shared<Dict>();
    if (arguments.positional.size() > 1)
        fail_type("dict expected at most 1 argument, got " + std::to_string(arguments.positional.size()));
    for (const auto &from : arguments.positional) {
        if (from.is(Value::Type::Dict)) {
            for (const auto &[key, value] : from.dict().entries()) out->set(key, value);
            in.work(from.dict().size() * 8);
            continue;
        }
        for (const auto &pair : in.iterate(from)) {
            const auto parts = in.iterate(pair);
            if (parts.size() != 2)
                fail_value("dictionary update sequence element has length " + std::to_string(parts.size()) + "; 2 is required");
            out->set(parts[0], parts[1]);
        }
    }
    for (const auto &[name, value] : arguments.keywords) out->set(Value::text(name), value);
    return Value(std::shared_ptr<const Dict>(std::move(out)));
}

Value raise_exception(In &in, Arguments &arguments) {
    const Parameters p("raise_exception", arguments, {"message"});
    throw Failure(Failure::Kind::Raised, to_str(in, p.required(0)));
}

Value strftime_now(In &in, Arguments &arguments) {
    const Parameters p("strftime_now", arguments, {"format"});
    p.required(0);
    return in.text(format_time(in.clock()(), p.string(0, "")));
}

Value namespace_(In &in, Arguments &arguments) {
    return in.make_namespace(arguments);
}
Value cycler(In &, Arguments &arguments) {
    return make_object<Cycler>(arguments.positional);
}

Value joiner(In &, Arguments &arguments) {
    const Parameters p("joiner", arguments, {"sep"});
    return make_object<Joiner>(p.value(0, Value::text(", ")));
}

Value lipsum(In &, Arguments &) {
    fail_type("lipsum is not supported");
}

struct GlobalRow {
    const char *name;
    Value (*body)(In &, Arguments &);
};
constexpr GlobalRow rows[] = {
    {"range", range},
    {"dict", dict},
    {"raise_exception", raise_exception},
    {"strftime_now", strftime_now},
    {"namespace", namespace_},
    {"cycler", cycler},
    {"joiner", joiner},
    {"lipsum", lipsum},
};

}  // namespace

void add_globals(Scope &scope) {
    for (const auto &row : rows) scope.set(row.name, make_object<Function>(row.name, row.body));
}

}  // namespace millm::engine::jinja
