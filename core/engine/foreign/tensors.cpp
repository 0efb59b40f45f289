#include "core/engine/foreign/tensors.h"

#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/failure.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace millm::engine {
namespace {

using Kind = ForeignPlace::Kind;

Error refused(const ForeignFormat &format) {
    Error error = failure(ErrorCode::Unsupported, format.refusal);
    error.field = "quantization_config";
    return error;
}

}  // namespace

TensorInfo stand_in(const DecoderDescription &decoder, const ForeignWeight &weight) {
    return weight.stand_in(place_of(decoder, weight.name).storage == Storage::InOut);
}

Result<PlainTensors> PlainTensors::of(const DecoderDescription &decoder, std::span<const TensorInfo> stored) {
    const ForeignFormat &format = decoder.foreign;
    PlainTensors plain;
    plain.m_stored = stored;
    if (!format.refusal.empty()) return refused(format);
    if (!format.packs()) return plain;
    std::unordered_map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < stored.size(); ++i) by_name.emplace(stored[i].name, i);
    const auto find = [&](const std::string &name) {
        const auto found = by_name.find(name);
        return found == by_name.end() ? nullptr : &stored[found->second];
    };
    std::unordered_set<std::string> modules;
    std::vector<std::pair<std::string, std::size_t>> companions;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        auto place = foreign_place(format, stored[i]);
        if (!place) return std::move(place).error();
        if (place->kind == Kind::Companion) companions.emplace_back(std::move(place->module), i);
        if (place->kind == Kind::Companion || place->kind == Kind::Ignored) continue;
        if (place->kind == Kind::Plain) {
            plain.m_own.push_back(stored[i]);
            plain.m_parts.push_back({i});
            continue;
        }
        ForeignWeight &weight = place->weight;
        std::string missing;
        auto complete = weight.complete(format, find, &missing);
        if (!complete) return std::move(complete).error();
        if (!*complete)
            return invalid_file("tensor \"", printable(missing), "\" is missing, which \"", printable(stored[i].name), "\" of ",
                                format.name, " needs");
        modules.insert(weight.module);
        std::vector<std::size_t> parts;
        for (const auto &piece : weight.pieces)
            if (piece.found()) parts.push_back(by_name.at(piece.name));
        plain.m_own.push_back(stand_in(decoder, weight));
        plain.m_parts.push_back(std::move(parts));
        if (by_name.contains(weight.name) && weight.name != stored[i].name)
            return invalid_file("tensor \"", printable(weight.name), "\" is stored plainly, and packed as \"",
                                printable(stored[i].name), "\" too");
        std::string name = weight.name;
        plain.m_weights.emplace(std::move(name), std::move(weight));
    }
    // One that changes what a layer computes (AWQ's scaled activations) must not go by unseen.
    for (const auto &[module, i] : companions)
        if (!modules.contains(module))
            return invalid_file("tensor \"", printable(stored[i].name), "\": ", format.name, " has no weight \"",
                                printable(module), "\" packed that it could be a part of");
    return plain;
}

PlainTensors PlainTensors::as_far_as_read(const DecoderDescription &decoder, std::span<const TensorInfo> stored) {
    auto plain = of(decoder, stored);
    if (plain) return *std::move(plain);
    PlainTensors as_stored;
    as_stored.m_stored = stored;
    return as_stored;
}

std::vector<std::size_t> PlainTensors::parts(std::size_t place) const {
    return m_own.empty() ? std::vector{place} : m_parts[place];
}

const ForeignWeight *PlainTensors::weight(const std::string &name) const {
    const auto found = m_weights.find(name);
    return found == m_weights.end() ? nullptr : &found->second;
}

}  // namespace millm::engine
