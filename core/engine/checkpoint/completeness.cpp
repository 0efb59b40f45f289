#include "core/engine/checkpoint/completeness.h"

#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/failure.h"

#include <string>
#include <unordered_map>

namespace millm::engine {

Result<void> check_complete(const DecoderDescription &decoder, const std::vector<TensorInfo> &tensors) {
    std::unordered_map<std::string, const TensorInfo *> by_name;
    for (const TensorInfo &tensor : tensors) by_name.emplace(tensor.name, &tensor);
    const auto find = [&](const std::string &module, const char *part) -> const TensorInfo * {
        auto found = by_name.find(module + part);
        // Checkpoints of the bare model leave the family's root out.
        if (found == by_name.end()) found = by_name.find(std::string(without_root(decoder, module)) + part);
        return found == by_name.end() ? nullptr : found->second;
    };
    for (const WeightSpec &spec : weight_specs(decoder)) {
        const TensorInfo *weight = find(spec.module, ".weight");
        if (!weight)
            return invalid_file("the checkpoint has no \"", spec.module, ".weight\" among its ", tensors.size(), " tensors");
        if (spec.bias && !find(spec.module, ".bias"))
            return invalid_file("the checkpoint has no \"", spec.module, ".bias\" among its ", tensors.size(), " tensors");
        const bool packed = weight->dtype == DType::U8 || (weight->shape.size() == 2 && weight->shape[1] == 1);
        if (spec.role != TensorRole::Linear || packed) continue;
        std::vector<std::int64_t> wanted = spec.shape;
        if (decoder.conv1d && weight->dtype != DType::I8) wanted = {spec.shape[1], spec.shape[0]};
        if (weight->shape != wanted)
            return invalid_file("tensor \"", weight->name, "\": shape ", shape_text(weight->shape), ", config.json gives ",
                                shape_text(wanted));
    }
    return {};
}

}  // namespace millm::engine
