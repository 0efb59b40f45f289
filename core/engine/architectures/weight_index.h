#pragma once

#include "core/engine/architectures/parameters.h"
#include "core/engine/architectures/weight_names.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace millm::engine {

/// A row's slots as one product, where the decoder has all of them.
struct Product {
    TensorRole role = TensorRole::Unknown;
    std::int64_t count = 0;
    std::vector<std::int64_t> shape, widths, also;
    bool bias = false;
};
std::optional<Product> product_of(const std::vector<Parameter> &parameters, const WeightRow &row);

/// What may stand in front of a family's own names: the longest first, nothing last.
std::vector<std::string_view> roots_of(const WeightNames &names);

/// What tensors of which names are to one decoder. A repository of experts has tens of thousands of them, each asked for
/// several times, so the rows' products are made once. Any thread.
class WeightIndex {
public:
    /// Of a description whose layers and names are complete; it keeps nothing of it but the names, which are static.
    explicit WeightIndex(const DecoderDescription &decoder);

    TensorPlace place_of(std::string_view name) const;

private:
    /// One row with what it holds.
    struct Entry {
        std::string_view before, behind;  ///< the module; of one with a number its two parts
        std::int64_t count = 0;           ///< numbers are below it
        bool numbered = false;
        std::string_view weight_end, bias_end;  ///< what follows the module in a tensor's name
        bool linear = false;                    ///< may be quantized, and then has companions
        bool bias = false;
        TensorPlace weight;
    };
    using Entries = std::vector<Entry>;

    static Entries entries_of(const std::vector<Parameter> &parameters, const std::vector<WeightRow> &rows);
    static TensorPlace place_in(const Entries &entries, std::string_view name);
    TensorPlace place_of_head(std::string_view name) const;

    const WeightNames &names_;
    bool has_head_ = true, head_bias_ = false;
    std::vector<std::string_view> roots_;
    Entries outside_;
    std::vector<std::shared_ptr<const Entries>> layers_;  ///< layers of the same parameters share theirs
};

}  // namespace millm::engine
