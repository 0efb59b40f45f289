#include "core/models/memory_estimator.h"

#include "core/base/errors.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/inference/inference_service.h"
#include "core/models/model_files.h"

#include <QFile>

#include <algorithm>

namespace millm::estimator {

namespace {

using engine::DType;
using engine::TensorInfo;

QString text(const std::string &utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

TensorInfo tensor(const std::string &name, std::vector<std::int64_t> shape, DType dtype) {
    TensorInfo info{name, dtype, std::move(shape), 0, 0};
    info.bytes = std::uint64_t(info.elements()) * engine::size_of(dtype);
    return info;
}

/// The tensors that a decoder of this description has, for files whose headers are not read before they are fetched.
std::vector<TensorInfo> expectedTensors(const engine::DecoderDescription &d, DType dtype) {
    std::vector<TensorInfo> all;
    all.push_back(tensor("model.embed_tokens.weight", {d.vocab, d.hidden}, dtype));
    if (!d.tied_embeddings) all.push_back(tensor("lm_head.weight", {d.vocab, d.hidden}, dtype));
    const std::int64_t q = d.heads * d.head_dim, kv = d.kv_heads * d.head_dim;
    for (std::int64_t layer = 0; layer < d.layers; ++layer) {
        const std::string prefix = "model.layers." + std::to_string(layer) + '.';
        all.push_back(tensor(prefix + "self_attn.q_proj.weight", {q, d.hidden}, dtype));
        all.push_back(tensor(prefix + "self_attn.k_proj.weight", {kv, d.hidden}, dtype));
        all.push_back(tensor(prefix + "self_attn.v_proj.weight", {kv, d.hidden}, dtype));
        all.push_back(tensor(prefix + "self_attn.o_proj.weight", {d.hidden, q}, dtype));
        if (d.gated_mlp) all.push_back(tensor(prefix + "mlp.gate_proj.weight", {d.intermediate, d.hidden}, dtype));
        all.push_back(tensor(prefix + "mlp.up_proj.weight", {d.intermediate, d.hidden}, dtype));
        all.push_back(tensor(prefix + "mlp.down_proj.weight", {d.hidden, d.intermediate}, dtype));
        all.push_back(tensor(prefix + "input_layernorm.weight", {d.hidden}, dtype));
        all.push_back(tensor(prefix + "post_attention_layernorm.weight", {d.hidden}, dtype));
    }
    all.push_back(tensor("model.norm.weight", {d.hidden}, dtype));
    return all;
}

/// Like llama's, so that the roles of the names above are what they are meant to be.
engine::DecoderDescription likeLlama(engine::DecoderDescription decoder) {
    decoder.model_type = "llama";
    decoder.fused_qkv = decoder.conv1d = decoder.learned_positions = false;
    return decoder;
}

struct Shapes {
    engine::DecoderDescription decoder;
    std::vector<TensorInfo> tensors;
};

std::optional<Shapes> shapesOf(const RepositoryPlan &plan) {
    if (!plan.decoder) return {};
    if (!plan.tensors.empty()) return Shapes{*plan.decoder, plan.tensors};
    qint64 stored = 0;
    for (const auto &file : plan.weights) stored += file.size;
    if (stored == 0) return {};
    const auto decoder = likeLlama(*plan.decoder);
    auto tensors = expectedTensors(decoder, DType::F16);
    std::uint64_t expected = 0;
    for (const auto &info : tensors) expected += info.bytes;
    // Nearly twice the bytes of 16-bit weights: the files are in 32 bits.
    if (std::uint64_t(stored) > expected + expected / 2) tensors = expectedTensors(decoder, DType::F32);
    return Shapes{decoder, std::move(tensors)};
}

}  // namespace

Result<FolderFacts> readFolder(const QString &folder, bool trustRemoteCode) {
    if (!files::looksLikeModel(folder)) return errors::invalidLocalPath(folder);
    auto checkpoint = engine::Checkpoint::open(QFile::encodeName(folder).toStdString());
    if (!checkpoint) return errors::fromEngine(checkpoint.error());
    auto decoder = engine::describe((*checkpoint)->config());
    if (!decoder) {
        const auto error = errors::fromEngine(decoder.error());
        const bool bringsCode = (*checkpoint)->config().find("\"auto_map\"") != std::string::npos;
        if (error.code == ErrorCode::UnsupportedModel && bringsCode && !trustRemoteCode)
            return errors::remoteCodeRequired(error.message);
        return error;
    }
    FolderFacts facts;
    facts.configJson = text((*checkpoint)->config());
    facts.decoder = *std::move(decoder);
    facts.tensors = (*checkpoint)->tensors();
    facts.architecture = text(facts.decoder.architecture);
    facts.params = text(engine::parameters_as_text(engine::parameter_count(facts.decoder, facts.tensors)));
    facts.diskBytes = files::bytesOf(folder);
    return facts;
}

SizeEstimate estimate(const engine::DecoderDescription &decoder, const std::vector<TensorInfo> &tensors, engine::Scheme scheme,
                      const DeviceMemory &memory) {
    engine::FootprintOptions options;
    options.scheme = scheme;
    options.cuda = memory.gpu;
    options.compute = memory.compute;
    const auto footprint = engine::memory_footprint(decoder, tensors, options);
    SizeEstimate size;
    size.scheme = scheme;
    size.weightBytes = qint64(footprint.weights);
    size.kvCacheBytes = qint64(footprint.kv_cache);
    size.overheadBytes = qint64(footprint.workspace + footprint.context);
    size.memoryBytes = qint64(footprint.total());
    size.diskBytes = qint64(engine::disk_bytes(decoder, tensors, scheme));
    return size;
}

QList<SizeEstimate> estimates(const RepositoryPlan &plan, const DeviceMemory &memory) {
    const auto shapes = shapesOf(plan);
    if (!shapes) return {};
    qint64 others = 0;
    for (const auto &file : plan.others) others += file.size;
    QList<SizeEstimate> all;
    for (const auto &row : engine::schemes()) {
        auto size = estimate(shapes->decoder, shapes->tensors, row.scheme, memory);
        size.diskBytes += others;
        all << size;
    }
    return all;
}

QString parameters(const RepositoryPlan &plan) {
    const auto shapes = shapesOf(plan);
    return shapes ? text(engine::parameters_as_text(engine::parameter_count(shapes->decoder, shapes->tensors))) : QString();
}

}  // namespace millm::estimator
