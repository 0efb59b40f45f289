#pragma once

#include "core/engine/checkpoint/weight_plan.h"
#include "core/models/model.h"
#include "core/system/system_monitor.h"

#include <QList>

/// The mockup's models, preview and machine, for tests and pictures.
namespace millm::samples {

inline Model model(qint64 id, const QString &name, const QString &repo, const QString &params, engine::Scheme scheme,
                   qint64 memoryMb, ModelState state) {
    Model model;
    model.id = id;
    model.name = name;
    model.repoId = repo;
    model.params = params;
    model.quantization = scheme;
    model.estimatedMemoryMb = memoryMb;
    model.diskSizeMb = memoryMb * 9 / 10;
    model.state = state;
    return model;
}

inline Model gemma2b() {
    Model model = samples::model(3, QStringLiteral("gemma-2-2b"), QStringLiteral("google/gemma-2-2b"), QStringLiteral("2.5B"),
                                 engine::Scheme::NF4, 1717, ModelState::Loaded);
    model.device = QStringLiteral("cuda:0");
    model.memory = MemoryUse{.weightBytes = qint64(1790) << 20};
    return model;
}

inline Model gemma9b() {
    return model(2, QStringLiteral("gemma-2-9b"), QStringLiteral("google/gemma-2-9b"), QStringLiteral("9B"),
                 engine::Scheme::NF4, 4960, ModelState::Ready);
}

inline Model llama() {
    return model(1, QStringLiteral("llama-3.2-3b"), QStringLiteral("meta-llama/Llama-3.2-3B"), QStringLiteral("3B"),
                 engine::Scheme::Plain, 6104, ModelState::Ready);
}

inline Model local(qint64 id) {
    Model model = samples::model(id, QStringLiteral("my-finetune"), {}, QStringLiteral("1.5B"), engine::Scheme::Int8, 1900,
                                 ModelState::Ready);
    model.source = ModelSource::Local;
    model.localPath = QStringLiteral("/home/ada/models/experiments/2026-11/my-finetune-with-a-long-name/checkpoint-12000");
    return model;
}

inline QList<Model> mockup() {
    return {llama(), gemma9b(), gemma2b()};
}

/// A config.json, quantized already as this object of it says.
inline QString config(const QString &quantized) {
    return QStringLiteral(
               R"({"model_type":"llama","architectures":["LlamaForCausalLM"],"torch_dtype":"float16","hidden_size":256,
                   "num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"intermediate_size":512,
                   "vocab_size":320,"max_position_embeddings":2048,"rms_norm_eps":1e-5,"hidden_act":"silu"%1})")
        .arg(quantized.isEmpty() ? QString() : QStringLiteral(",\"quantization_config\":") + quantized);
}

/// What loading gemma-2-9b in 4 bits takes of a machine with so much free.
inline MemoryCheck check(qint64 freeBytes, const QString &device = QStringLiteral("cuda:0"), qint64 givenBackBytes = 0) {
    static const engine::DecoderDescription decoder = *engine::describe(
        R"({"model_type":"gemma2","architectures":["Gemma2ForCausalLM"],"torch_dtype":"bfloat16","hidden_size":3584,
            "num_hidden_layers":42,"num_attention_heads":16,"num_key_value_heads":8,"head_dim":256,"intermediate_size":14336,
            "vocab_size":256000,"max_position_embeddings":8192,"rms_norm_eps":1e-6,"hidden_activation":"gelu_pytorch_tanh",
            "query_pre_attn_scalar":256,"sliding_window":4096,"attn_logit_softcapping":50.0,"final_logit_softcapping":30.0,
            "tie_word_embeddings":true})");
    static const std::vector<engine::TensorInfo> tensors = engine::expected_tensors(decoder, engine::DType::BF16);
    engine::FootprintOptions options;
    options.cuda = device != QStringLiteral("cpu");
    MemoryCheck check;
    check.needs = engine::MemoryNeeds(decoder, tensors, options);
    check.device = device;
    check.gpu = options.cuda;
    check.deviceName = options.cuda ? QStringLiteral("NVIDIA RTX 4090") : QStringLiteral("AMD EPYC");
    check.freeBytes = freeBytes;
    check.totalBytes = std::max(freeBytes + givenBackBytes, qint64(24'000'000'000));
    check.givenBackBytes = givenBackBytes;
    check.longestContext = check.needs.longest();
    check.usualContext = 4096;
    check.need = check.needAt(check.usualContext);
    check.fits = check.fitsAt(check.usualContext);
    return check;
}

inline ModelPreview preview() {
    ModelPreview preview;
    preview.name = QStringLiteral("gemma-2-2b");
    preview.repoId = QStringLiteral("google/gemma-2-2b");
    preview.params = QStringLiteral("2.6B");
    preview.architecture = QStringLiteral("Gemma2ForCausalLM");
    preview.license = QStringLiteral("gemma");
    preview.contextLength = 8192;
    preview.downloadBytes = 5'230'000'000;
    preview.sizes = {
        {engine::Scheme::NF4, 2'200'000'000, {2'200'000'000, 220'000'000, 280'000'000}},
        {engine::Scheme::Int8, 3'200'000'000, {3'200'000'000, 220'000'000, 380'000'000}},
        {engine::Scheme::Plain, 5'230'000'000, {5'230'000'000, 220'000'000, 450'000'000}},
    };
    preview.availableMemoryBytes = 4'000'000'000;
    preview.availableDiskBytes = 120'000'000'000;
    return preview;
}

inline SystemSample machine() {
    SystemSample sample;
    sample.cpuPercent = 12;
    sample.cpuName = QStringLiteral("AMD Ryzen 9 7950X");
    sample.memoryUsed = 8'200'000'000;
    sample.memoryTotal = 32'000'000'000;
    sample.gpus = {{0, QStringLiteral("NVIDIA RTX 4090"), 45, 4'200'000'000, 24'000'000'000, 52}};
    sample.diskFree = 120'000'000'000;
    sample.diskTotal = 500'000'000'000;
    return sample;
}

}  // namespace millm::samples
