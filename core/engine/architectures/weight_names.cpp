#include "core/engine/architectures/weight_names.h"

#include "core/engine/architectures/parameters.h"
#include "core/engine/architectures/weight_index.h"

#include <algorithm>

namespace millm::engine {

namespace {

bool is_stack(Storage storage) {
    return storage == Storage::StackedOutIn || storage == Storage::StackedInOut;
}

std::string numbered(std::string_view module, std::int64_t number) {
    const std::size_t star = module.find('*');
    if (star == std::string_view::npos) return std::string(module);
    return std::string(module.substr(0, star)) + std::to_string(number) + std::string(module.substr(star + 1));
}

const WeightRow head_row{{Slot::Head}, "lm_head", Cut::Blocks, Storage::OutIn};
const WeightRow head_bias_row{{Slot::HeadBias}, "lm_head.bias", Cut::Blocks, Storage::Tensor};

class Speller {
public:
    Speller(const DecoderDescription &decoder, const HasTensor &has)
        : decoder_(decoder), names_(*decoder.names), has_(has), roots_(roots_of(*decoder.names)) {}

    std::vector<WeightSpec> all() {
        const std::vector<Parameter> outside = outer_parameters(decoder_);
        const auto is_last = [](const Parameter &p) { return p.slot == Slot::FinalNorm || p.slot == Slot::OutputProjection; };
        for (const Parameter &parameter : outside)
            if (!is_last(parameter)) add(parameter, outside, names_.outside, -1, "");
        for (std::int64_t layer = 0; layer < decoder_.depth() && !stopped_; ++layer) {
            const std::vector<Parameter> inside = layer_parameters(decoder_, layer);
            const std::string prefix = std::string(names_.layers) + std::to_string(layer) + ".";
            std::vector<Slot> done;
            for (const Parameter &parameter : inside) {
                if (std::ranges::find(done, parameter.slot) != done.end()) continue;
                const WeightRow *row = add(parameter, inside, names_.inside, layer, prefix);
                if (row != nullptr) done.insert(done.end(), row->slots.begin(), row->slots.end());
            }
        }
        for (const Parameter &parameter : outside)
            if (is_last(parameter)) add(parameter, outside, names_.outside, -1, "");
        if (stopped_ || !decoder_.has_head) return std::move(specs_);
        if (!decoder_.tied_embeddings) specs_.push_back(head_spec(decoder_, has_));
        if (decoder_.tied_embeddings && decoder_.head_bias) specs_.push_back(head_bias_spec());
        return std::move(specs_);
    }

private:
    /// The row that was used.
    const WeightRow *add(const Parameter &parameter, const std::vector<Parameter> &parameters,
                         const std::vector<WeightRow> &rows, std::int64_t layer, const std::string &prefix) {
        if (stopped_) return nullptr;
        const WeightRow *first = nullptr;
        for (const WeightRow &row : rows) {
            if (std::ranges::find(row.slots, parameter.slot) == row.slots.end()) continue;
            const auto product = product_of(parameters, row);
            if (!product) continue;
            if (first == nullptr) first = &row;
            if (!has_) break;
            for (const std::string_view root : roots_) {
                if (!has_(spec_of(row, *product, layer, std::string(root) + prefix, 0).weight_name())) continue;
                append(row, *product, layer, std::string(root) + prefix);
                return &row;
            }
        }
        if (first == nullptr) return nullptr;  // a family's file that gives a slot no name
        append(*first, *product_of(parameters, *first), layer, std::string(names_.root) + prefix);
        // Where the embedding is the head as well, that may be there in its place.
        stopped_ = has_ && !(decoder_.tied_embeddings && parameter.slot == Slot::TokenEmbedding);
        return first;
    }

    static WeightSpec spec_of(const WeightRow &row, const Product &product, std::int64_t layer, const std::string &prefix,
                              std::int64_t number) {
        WeightSpec spec;
        spec.row = &row;
        spec.layer = layer;
        spec.role = product.role;
        spec.shape = product.shape;
        spec.widths = product.widths;
        spec.also = product.also;
        spec.bias = product.bias;
        spec.module = prefix + numbered(row.module, number);
        if (product.count > 0 && row.module.find('*') != std::string_view::npos) spec.number = number;
        if (product.count > 0 && spec.number < 0) spec.stacked = product.count;
        return spec;
    }

    WeightSpec head_bias_spec() const {
        const HasTensor has = [&](const std::string &name) {
            return has_(name.substr(0, name.size() - std::string_view("weight").size()) + "bias");
        };
        WeightSpec spec = head_spec(decoder_, has_ ? has : HasTensor());
        spec.row = &head_bias_row;
        spec.role = TensorRole::Bias;
        spec.module += ".bias";
        spec.shape = {decoder_.vocab};
        spec.bias = false;
        return spec;
    }

    void append(const WeightRow &row, const Product &product, std::int64_t layer, const std::string &prefix) {
        specs_.push_back(spec_of(row, product, layer, prefix, 0));
        for (std::int64_t number = 1; specs_.back().number >= 0 && number < product.count; ++number)
            specs_.push_back(spec_of(row, product, layer, prefix, number));
    }

    const DecoderDescription &decoder_;
    const WeightNames &names_;
    const HasTensor &has_;
    const std::vector<std::string_view> roots_;
    std::vector<WeightSpec> specs_;
    bool stopped_ = false;
};

}  // namespace

std::string WeightSpec::weight_name() const {
    if (row->storage == Storage::GammaBeta) return module + ".gamma";
    return row->storage == Storage::Tensor || is_stack(row->storage) ? module : module + ".weight";
}

std::string WeightSpec::bias_name() const {
    if (row->storage == Storage::GammaBeta) return module + ".beta";
    return module + (is_stack(row->storage) ? "_bias" : ".bias");
}

std::vector<std::int64_t> WeightSpec::stored_shape() const {
    std::vector<std::int64_t> stored = shape;
    if (transposed()) std::swap(stored[0], stored[1]);
    if (stacked > 0) stored.insert(stored.begin(), stacked);
    return stored;
}

WeightNames with_rows(WeightNames names, std::initializer_list<WeightRow> rows) {
    const auto holds_one = [&](const WeightRow &old) {
        return std::ranges::any_of(rows, [&](const WeightRow &row) {
            return std::ranges::any_of(row.slots, [&](Slot slot) {
                return slot != Slot::None && std::ranges::find(old.slots, slot) != old.slots.end();
            });
        });
    };
    std::erase_if(names.inside, holds_one);
    std::erase_if(names.outside, holds_one);
    for (const WeightRow &row : rows) (row.slots[0] <= Slot::Head ? names.outside : names.inside).push_back(row);
    return names;
}

TensorPlace place_of(const DecoderDescription &decoder, std::string_view name) {
    return decoder.index ? decoder.index->place_of(name) : TensorPlace();
}

TensorRole role_of(const DecoderDescription &decoder, std::string_view name) {
    return place_of(decoder, name).role;
}

std::vector<WeightSpec> weight_specs(const DecoderDescription &decoder, const HasTensor &has) {
    return Speller(decoder, has).all();
}

WeightSpec head_spec(const DecoderDescription &decoder, const HasTensor &has) {
    WeightSpec spec;
    spec.row = &head_row;
    spec.role = TensorRole::Head;
    spec.shape = {decoder.vocab, decoder.embedding_width()};
    spec.widths = {decoder.vocab};
    spec.bias = decoder.head_bias;
    for (const char *wrapper : {"", "language_model."}) {
        for (const std::string_view head : decoder.names->head) {
            spec.module = wrapper + std::string(head);
            if (!has || has(spec.weight_name())) return spec;
        }
    }
    spec.module = decoder.names->head.front();
    return spec;
}

}  // namespace millm::engine
