#include "core/engine/checkpoint/weight_plan.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/foreign/tensors.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace millm::engine {
namespace {

using Dimensions = std::vector<std::int64_t>;

constexpr std::size_t names_told = 3;

Error wrong_shape(const TensorInfo &tensor, const Dimensions &wanted) {
    return invalid_file("tensor \"", printable(tensor.name), "\" has the shape ", shape_text(tensor.shape),
                        ", config.json asks for ", shape_text(wanted));
}

/// "2 tensors that the model has no use for: a, b".
std::string counted(const std::vector<std::string> &names) {
    std::string text =
        std::to_string(names.size()) + (names.size() == 1 ? " tensor" : " tensors") + " that the model has no use for: ";
    for (std::size_t i = 0; i < std::min(names.size(), names_told); ++i)
        text += (i > 0 ? ", \"" : "\"") + printable(names[i]) + "\"";
    return names.size() > names_told ? text + " and others" : text;
}

class Matcher {
public:
    Matcher(const DecoderDescription &decoder, const PlainTensors &plain, std::span<const TensorInfo> stored)
        : m_decoder(decoder), m_plain(plain), m_stored(stored), m_tensors(plain.all()) {
        for (std::size_t i = 0; i < m_tensors.size(); ++i) m_places.emplace(m_tensors[i].name, i);
    }

    Result<WeightPlan> run() {
        const HasTensor has = [this](const std::string &name) { return m_places.contains(name); };
        const bool tied = m_decoder.has_head && m_decoder.tied_embeddings;
        const WeightSpec head = head_spec(m_decoder, has);
        const bool has_head = has(head.weight_name());
        // One that is missing is enough: a config may ask for more layers than anybody wants to look for.
        for (WeightSpec &spec : weight_specs(m_decoder, has)) {
            // Files that keep a shared tensor once may keep it under the head's name.
            const bool as_head = tied && spec.slot() == Slot::TokenEmbedding && !has(spec.weight_name()) && has_head;
            if (as_head) spec.module = head.module;
            add(std::move(spec));
            if (!m_missing.empty()) break;
        }
        if (tied && m_missing.empty() && has_head && m_plan.weights.front().spec.module != head.module) add(head);
        collect_unused();
        if (!m_missing.empty()) {
            m_error = invalid_file(m_missing, " is missing from the checkpoint",
                                   m_plan.unused.empty() ? "" : ", which holds " + counted(m_plan.unused));
        }
        if (!m_error) return std::move(m_plan);
        return *m_error;
    }

private:
    std::optional<std::size_t> find(const std::string &name) const {
        const auto found = m_places.find(name);
        return found == m_places.end() ? std::nullopt : std::optional(found->second);
    }

    void add(WeightSpec spec) {
        PlannedWeight planned{std::move(spec), {}, 0};
        const WeightSpec &wanted = planned.spec;
        const auto weight = find(wanted.weight_name());
        if (!weight) return miss(wanted.weight_name(), wanted.stored_shape());
        take(planned, *weight);
        if (const ForeignWeight *foreign = m_plain.weight(wanted.weight_name()))
            planned.foreign = std::make_shared<const ForeignWeight>(*foreign);
        check_weight(planned, m_tensors[*weight]);
        if (wanted.bias) {
            Dimensions shape{wanted.shape[0]};
            if (wanted.stacked > 0) shape.insert(shape.begin(), wanted.stacked);
            const auto bias = find(wanted.bias_name());
            if (!bias) return miss(wanted.bias_name(), shape);
            take(planned, *bias);
            check_plain(m_tensors[*bias], shape);
        }
        m_plan.weights.push_back(std::move(planned));
    }

    void take(PlannedWeight &planned, std::size_t place) {
        m_used.push_back(place);
        for (const std::size_t part : m_plain.parts(place)) {
            planned.tensors.push_back(part);
            planned.bytes += m_stored[part].bytes;
        }
    }

    /// Names decide what is quantized, as in read_linear.
    void check_weight(PlannedWeight &planned, const TensorInfo &weight) {
        const WeightSpec &spec = planned.spec;
        const bool linear = spec.role == TensorRole::Linear || spec.role == TensorRole::Router || spec.role == TensorRole::Head;
        // Whatever its dimensions, a vector is its numbers in a row.
        const auto holds = [&](const Dimensions &shape) {
            return !shape.empty() && weight.elements() == TensorInfo{"", weight.dtype, shape}.elements();
        };
        if (spec.role == TensorRole::Vector && (holds(spec.shape) || holds(spec.also)))
            return check_plain(weight, weight.shape);
        if (!linear && planned.foreign)
            return fail(failure(ErrorCode::Unsupported, "tensor \"",
                                printable(planned.foreign->piece(ForeignWeight::CodesPart).name),
                                "\" is packed, which of weights that are no linear layer's is not read"));
        if (!linear || planned.foreign) return check_plain(weight, spec.stored_shape());
        bool four_bit = false, int8 = false;
        for (const std::string_view end : {".SCB", ".weight_format", ".absmax", ".nested_absmax", ".nested_quant_map",
                                           ".quant_map", ".quant_state.bitsandbytes__nf4", ".quant_state.bitsandbytes__fp4"}) {
            const bool of_module = end == ".SCB" || end == ".weight_format";
            const auto place = find((of_module ? spec.module : spec.weight_name()) + std::string(end));
            if (!place) continue;
            take(planned, *place);
            four_bit = four_bit || end.find("quant_state") != std::string_view::npos;
            int8 = int8 || end == ".SCB";
        }
        if (four_bit) return check_four_bit(weight, spec);
        if (!int8) return check_plain(weight, spec.stored_shape());
        if (weight.dtype != DType::I8)
            return fail(invalid_file("tensor \"", printable(weight.name), "\" has the type ", name_of(weight.dtype),
                                     ", I8 is wanted beside SCB"));
        // Quantized ones are never turned.
        Dimensions wanted = spec.shape;
        if (spec.stacked > 0) wanted.insert(wanted.begin(), spec.stacked);
        if (weight.shape != wanted) fail(wrong_shape(weight, wanted));
    }

    void check_four_bit(const TensorInfo &weight, const WeightSpec &spec) {
        const auto values = static_cast<std::uint64_t>(std::max<std::int64_t>(spec.stacked, 1)) *
                            static_cast<std::uint64_t>(spec.shape[0]) * static_cast<std::uint64_t>(spec.shape[1]);
        const std::uint64_t wanted = (values + 1) / 2;
        if (weight.bytes < wanted || weight.bytes - wanted >= size_of(weight.dtype))
            fail(invalid_file("tensor \"", printable(weight.name), "\" has ", weight.bytes, " bytes, config.json asks for ",
                              shape_text(spec.shape), ", which is ", wanted, " in 4 bits"));
    }

    void check_plain(const TensorInfo &tensor, const Dimensions &wanted) {
        if (!is_float(tensor.dtype))
            return fail(failure(ErrorCode::Unsupported, "tensor \"", printable(tensor.name), "\" has the type ",
                                name_of(tensor.dtype), ", which is not computed with"));
        if (tensor.shape != wanted) fail(wrong_shape(tensor, wanted));
    }

    void miss(const std::string &name, const Dimensions &shape) {
        if (m_missing.empty()) m_missing = "tensor \"" + name + "\" " + shape_text(shape);
    }
    void fail(Error error) {
        if (!m_error) m_error = std::move(error);
    }

    void collect_unused() {
        std::vector<bool> used(m_tensors.size(), false);
        for (const std::size_t place : m_used) used[place] = true;
        for (std::size_t i = 0; i < m_tensors.size(); ++i) {
            const TensorRole role = used[i] ? TensorRole::Buffer : role_of(m_decoder, m_tensors[i].name);
            // Where the search ended early only the name tells.
            if (m_missing.empty() ? role != TensorRole::Buffer : role == TensorRole::Unknown)
                m_plan.unused.push_back(m_tensors[i].name);
        }
    }

    const DecoderDescription &m_decoder;
    const PlainTensors &m_plain;
    const std::span<const TensorInfo> m_stored, m_tensors;  ///< as they are, and as if nothing were packed
    std::unordered_map<std::string, std::size_t> m_places;
    WeightPlan m_plan;
    std::vector<std::size_t> m_used;
    std::string m_missing;
    std::optional<Error> m_error;
};

}  // namespace

Result<WeightPlan> WeightPlan::match(const DecoderDescription &decoder, std::span<const TensorInfo> tensors) {
    const auto plain = PlainTensors::of(decoder, tensors);
    if (!plain) return plain.error();
    return Matcher(decoder, *plain, tensors).run();
}

std::string WeightPlan::unused_as_text() const {
    return unused.empty() ? std::string() : "the checkpoint holds " + counted(unused) + "; they are ignored";
}

std::vector<TensorInfo> expected_tensors(const DecoderDescription &decoder, DType dtype) {
    std::vector<TensorInfo> tensors;
    const auto add = [&](std::string name, Dimensions shape) {
        TensorInfo info{std::move(name), dtype, std::move(shape), 0, 0};
        info.bytes = static_cast<std::uint64_t>(info.elements()) * size_of(dtype);
        tensors.push_back(std::move(info));
    };
    for (const WeightSpec &spec : weight_specs(decoder)) {
        add(spec.weight_name(), spec.stored_shape());
        if (spec.bias)
            add(spec.bias_name(), spec.stacked > 0 ? Dimensions{spec.stacked, spec.shape[0]} : Dimensions{spec.shape[0]});
    }
    return tensors;
}

}  // namespace millm::engine
