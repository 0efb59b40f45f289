#include "core/engine/architectures/weight_index.h"

#include <algorithm>
#include <charconv>

namespace millm::engine {

namespace {

// In front of a family's own names in repositories that have other towers beside the text: of transformers 5, 4 and before.
constexpr std::string_view wrappers[] = {"model.language_model.", "language_model.model.", "language_model."};

bool take(std::string_view &text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// Takes a number in [0, limit).
std::optional<std::int64_t> take_number(std::string_view &text, std::int64_t limit) {
    std::int64_t number = -1;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || number < 0 || number >= limit) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// What a quantized linear stores beside its packed weight.
bool is_companion(std::string_view rest) {
    return rest == ".SCB" || rest == ".weight_format" || rest.starts_with(".weight.");
}

/// The same of experts in one tensor, which is called as the module.
bool is_companion_of_stack(std::string_view rest) {
    constexpr std::string_view ends[] = {".SCB",           ".weight_format",    ".absmax",
                                         ".nested_absmax", ".nested_quant_map", ".quant_map"};
    return std::ranges::find(ends, rest) != std::end(ends) || rest.starts_with(".quant_state.");
}

const Parameter *find(const std::vector<Parameter> &parameters, Slot slot) {
    const auto found = std::ranges::find(parameters, slot, &Parameter::slot);
    return found == parameters.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Product> product_of(const std::vector<Parameter> &parameters, const WeightRow &row) {
    std::optional<Product> product;
    for (const Slot slot : row.slots) {
        if (slot == Slot::None) break;
        const Parameter *parameter = find(parameters, slot);
        if (parameter == nullptr) return std::nullopt;
        if (!product) {
            product = Product{parameter->role, parameter->count, parameter->shape, {}, parameter->also, parameter->bias};
        } else {
            product->shape[0] += parameter->shape[0];
            product->also.clear();
            product->bias = product->bias || parameter->bias;
        }
        product->widths.push_back(parameter->shape[0]);
    }
    return product;
}

std::vector<std::string_view> roots_of(const WeightNames &names) {
    std::vector<std::string_view> roots{names.root};
    roots.insert(roots.end(), std::begin(wrappers), std::end(wrappers));
    roots.push_back("");
    return roots;
}

WeightIndex::WeightIndex(const DecoderDescription &decoder)
    : names_(*decoder.names),
      has_head_(decoder.has_head),
      head_bias_(decoder.head_bias),
      roots_(roots_of(*decoder.names)),
      outside_(entries_of(outer_parameters(decoder), decoder.names->outside)) {
    // Most decoders have one kind of layer, or a few that take turns.
    std::vector<std::pair<std::vector<Parameter>, std::shared_ptr<const Entries>>> kinds;
    for (std::int64_t layer = 0; layer < decoder.depth(); ++layer) {
        std::vector<Parameter> parameters = layer_parameters(decoder, layer);
        auto known = std::ranges::find(kinds, parameters, [](const auto &kind) -> const auto & { return kind.first; });
        if (known == kinds.end()) {
            auto entries = std::make_shared<const Entries>(entries_of(parameters, names_.inside));
            known = kinds.emplace(kinds.end(), std::move(parameters), std::move(entries));
        }
        layers_.push_back(known->second);
    }
}

WeightIndex::Entries WeightIndex::entries_of(const std::vector<Parameter> &parameters, const std::vector<WeightRow> &rows) {
    Entries entries;
    for (const WeightRow &row : rows) {
        const auto product = product_of(parameters, row);
        if (!product) continue;
        const std::size_t star = row.module.find('*');
        Entry entry;
        entry.numbered = star != std::string_view::npos;
        entry.before = row.module.substr(0, star);
        if (entry.numbered) entry.behind = row.module.substr(star + 1);
        entry.count = product->count;
        const bool whole =
            row.storage == Storage::Tensor || row.storage == Storage::StackedOutIn || row.storage == Storage::StackedInOut;
        const bool greek = row.storage == Storage::GammaBeta;
        entry.weight_end = whole ? "" : greek ? ".gamma" : ".weight";
        entry.bias_end = whole ? "_bias" : greek ? ".beta" : ".bias";
        const bool stack = row.storage == Storage::StackedOutIn || row.storage == Storage::StackedInOut;
        entry.linear = (!whole || stack) && (product->role == TensorRole::Linear || product->role == TensorRole::Router);
        entry.bias = product->bias;
        entry.weight = {product->role, row.storage, row.slots[0]};
        entries.push_back(entry);
    }
    return entries;
}

TensorPlace WeightIndex::place_in(const Entries &entries, std::string_view name) {
    for (const Entry &entry : entries) {
        std::string_view rest = name;
        if (!take(rest, entry.before)) continue;
        if (entry.numbered && (!take_number(rest, entry.count) || !take(rest, entry.behind))) continue;
        const auto as = [&](TensorRole role) { return TensorPlace{role, entry.weight.storage, entry.weight.slot}; };
        if (rest == entry.weight_end) return entry.weight;
        if (entry.bias && rest == entry.bias_end) return as(TensorRole::Bias);
        if (entry.linear && (entry.weight_end.empty() ? is_companion_of_stack(rest) : is_companion(rest)))
            return as(TensorRole::Companion);
    }
    return {};
}

TensorPlace WeightIndex::place_of_head(std::string_view name) const {
    if (!has_head_) return {};
    for (const std::string_view wrapper : {std::string_view(), std::string_view("language_model.")}) {
        for (const std::string_view head : names_.head) {
            std::string_view rest = name;
            if (!take(rest, wrapper) || !take(rest, head)) continue;
            if (rest == ".weight") return {TensorRole::Head, Storage::OutIn};
            if (head_bias_ && rest == ".bias") return {TensorRole::Bias, Storage::OutIn};
            if (is_companion(rest)) return {TensorRole::Companion, Storage::OutIn};
        }
    }
    return {};
}

TensorPlace WeightIndex::place_of(std::string_view name) const {
    if (const TensorPlace head = place_of_head(name); head.role != TensorRole::Unknown) return head;
    for (const std::string_view root : roots_) {
        std::string_view rest = name;
        if (!take(rest, root)) continue;
        // Before the layers: what lies outside of them may have a name among the first one's (rwkv).
        if (const TensorPlace place = place_in(outside_, rest); place.role != TensorRole::Unknown) return place;
        if (!take(rest, names_.layers)) continue;
        const auto layer = take_number(rest, static_cast<std::int64_t>(layers_.size()));
        if (!layer || !take(rest, ".")) continue;
        if (std::ranges::find(names_.buffers, rest) != names_.buffers.end()) return {TensorRole::Buffer, Storage::OutIn};
        return place_in(*layers_[static_cast<std::size_t>(*layer)], rest);
    }
    return {};
}

}  // namespace millm::engine
