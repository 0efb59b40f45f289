#include "core/engine/plugin/torch_engine.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/parallel.h"
#include "core/engine/layers/threads.h"
#include "core/engine/plugin/counted_memory.h"
#include "core/engine/plugin/end_tokens.h"
#include "core/engine/plugin/guard.h"
#include "core/engine/plugin/memory.h"
#include "core/engine/plugin/missing_tokenizer.h"
#include "core/engine/plugin/model_loader.h"
#include "core/engine/plugin/running_model.h"
#include "core/engine/tokenizer/open.h"

#if defined(MILLM_CUDA)
#include "core/engine/plugin/cuda_runtime.h"
#endif

#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>

namespace millm::engine {

namespace {

/// What LoadOptions and the model agree on. Dynamic rotary scaling has no end of its own and takes what is asked for.
std::int64_t context_length(const DecoderDescription &d, std::int64_t asked) {
    std::int64_t own = d.max_positions;
    bool stretches = false;
    for (const RopeDescription &rope : d.ropes) {
        if (rope.scaling != RopeScaling::Dynamic) continue;
        stretches = true;
        own = std::max(own, static_cast<std::int64_t>(static_cast<double>(own) * rope.factor));
    }
    if (asked <= 0) return own;
    return stretches ? asked : std::min(asked, own);
}

ModelInfo model_info(const Decoder &decoder, const LoadOptions &options) {
    const DecoderDescription &d = decoder.description();
    ModelInfo info;
    info.architecture = d.architecture;
    info.model_type = d.model_type;
    info.compute_type = type_name(decoder.compute().cache);
    info.device = device_name(decoder.compute().device);
    info.context_length = context_length(d, options.context_length);
    info.vocab = d.vocab;
    info.layers = d.depth();
    info.hidden = d.hidden;
    info.generates = d.has_head;
    info.weight_bytes = decoder.weight_bytes();
    for (const StateShape &shape : state_shapes(d)) {
        info.kv_bytes_per_token += shape.bytes_per_token(c10::elementSize(decoder.compute().cache));
        info.fixed_state_bytes += shape.fixed_bytes();
    }
    return info;
}

/// And what of it the model tells: an encoder's texts have the length that it was trained with.
Result<Pooling> make_pooling(const Decoder &decoder, const std::filesystem::path &folder, ModelInfo &info) {
    Result<PoolingDescription> read = read_pooling(folder, info.hidden, info.generates ? PoolingMode::Last : PoolingMode::Mean);
    if (!read) return read.error();
    Result<Pooling> pooling = Pooling::load(*std::move(read), folder, decoder.compute());
    if (!pooling) return pooling;
    const PoolingDescription &description = pooling->description();
    info.embedding_size = description.size(info.hidden);
    for (const PoolingMode mode : description.modes)
        info.pooling += (info.pooling.empty() ? "" : "+") + std::string(name_of(mode));
    if (!info.generates && description.most_tokens > 0)
        info.context_length = std::min(info.context_length, description.most_tokens);
    return pooling;
}

Result<void> check_device(const DeviceId &device) {
    if (device.kind == DeviceKind::Cpu) return {};
    const std::vector<DeviceInfo> devices = list_devices();
    for (const DeviceInfo &info : devices)
        if (info.id == device) return {};
    return Error{ErrorCode::Device, "cuda:" + std::to_string(device.index) + " was asked for; this engine finds " +
                                        std::to_string(devices.size() - 1) + " CUDA devices"};
}

Result<std::unique_ptr<Tokenizer>> tokenizer_or_silence(const std::filesystem::path &folder) {
    Result<std::unique_ptr<Tokenizer>> tokenizer = open_tokenizer(folder);
    if (tokenizer || tokenizer.error().code != ErrorCode::Io || std::filesystem::exists(folder / "tokenizer.json"))
        return tokenizer;
    return std::unique_ptr<Tokenizer>(std::make_unique<MissingTokenizer>(tokenizer.error()));
}

/// MILLM_CPU_LEVEL picks the instruction set of all CPU kernels: ours, libtorch's and oneDNN's, which read theirs at first use.
Result<void> take_level_from_environment() {
    const char *id = std::getenv("MILLM_CPU_LEVEL");
    if (id == nullptr || *id == '\0') return {};
    if (!cpu::choose_level(id)) {
        return Error{ErrorCode::InvalidArgument,
                     "MILLM_CPU_LEVEL asks for \"" + std::string(id) + "\"; this processor runs " + cpu::usable_level_names()};
    }
    setenv("ATEN_CPU_CAPABILITY", cpu::level().aten, 0);
    setenv("ONEDNN_MAX_CPU_ISA", cpu::level().onednn, 0);
    return {};
}

}  // namespace

TorchEngine::TorchEngine() : level_(take_level_from_environment()) {
    count_cpu_memory();
    set_compute_threads(0);
#if defined(MILLM_CUDA)
    use_cuda_kernels();
#endif
}

std::string TorchEngine::description() const {
    return std::string("libtorch ") + TORCH_VERSION + (cuda_is_usable() ? ", CUDA, " : ", CPU, ") + cpu::kernels().name + ", " +
           blas_name();
}

bool TorchEngine::has_cuda() const {
    const Result<bool> usable = guarded([]() -> Result<bool> { return cuda_is_usable(); });
    return usable && *usable;
}

std::vector<DeviceInfo> TorchEngine::devices() const {
    Result<std::vector<DeviceInfo>> devices = guarded([]() -> Result<std::vector<DeviceInfo>> { return list_devices(); });
    return devices ? std::move(*devices) : std::vector<DeviceInfo>();
}

void TorchEngine::set_threads(int threads) {
    (void)guarded([&]() -> Result<void> { return set_compute_threads(threads), Result<void>(); });
}

std::vector<LoopThreads> TorchEngine::loop_threads() const {
    return engine::loop_threads();
}

Result<std::unique_ptr<LanguageModel>> TorchEngine::load(const LoadOptions &options, const LoadObserver &observer) {
    return guarded([&]() -> Result<std::unique_ptr<LanguageModel>> {
        const c10::InferenceMode inference;
        if (!level_) return level_.error();
        use_compute_threads();
        const Result<void> device = check_device(options.device);
        if (!device) return device.error();
        const Result<std::unique_ptr<Checkpoint>> checkpoint = Checkpoint::open(options.folder);
        if (!checkpoint) return checkpoint.error();
        const Result<DecoderDescription> description = describe((*checkpoint)->config());
        if (!description) return description.error();
        const std::uint64_t without_texts = allocated_bytes();
        Result<std::unique_ptr<Tokenizer>> tokenizer = tokenizer_or_silence(options.folder);
        if (!tokenizer) return tokenizer.error();
        Result<std::unique_ptr<ChatTemplate>> chat_template = open_chat_template(options.folder);
        if (!chat_template && chat_template.error().code != ErrorCode::Unsupported) return chat_template.error();
        const std::uint64_t with_texts = allocated_bytes();

        std::vector<std::string> remarks;
        Result<std::unique_ptr<Decoder>> decoder = load_decoder(**checkpoint, *description, options, observer, remarks);
        if (!decoder) {
            release_free_memory();
            return decoder.error();
        }
        // What reading and quantizing took on the way.
        release_free_memory();
        ModelInfo info = model_info(**decoder, options);
        info.text_bytes = with_texts - std::min(without_texts, with_texts);
        Result<Pooling> pooling = make_pooling(**decoder, options.folder, info);
        if (!pooling && !info.generates) return pooling.error();
        if (!pooling) remarks.push_back(pooling.error().message + "; the model makes no embeddings");
        info.eos_tokens = end_tokens(description->eos_tokens, options.folder, **tokenizer, info.vocab, remarks);
        if (chat_template) info.turn_end_tokens = turn_end_tokens(**chat_template, **tokenizer, info.vocab);
        info.remarks = std::move(remarks);
        return std::unique_ptr<LanguageModel>(std::make_unique<RunningModel>(
            std::move(*decoder), std::move(pooling), std::move(info), options.prefill_chunk, std::move(*tokenizer),
            chat_template ? std::move(*chat_template) : std::unique_ptr<ChatTemplate>()));
    });
}

Result<std::unique_ptr<Tokenizer>> TorchEngine::load_tokenizer(const std::filesystem::path &folder) {
    return guarded([&] { return open_tokenizer(folder); });
}

Result<std::unique_ptr<ChatTemplate>> TorchEngine::load_chat_template(const std::filesystem::path &folder) {
    return guarded([&] { return open_chat_template(folder); });
}

}  // namespace millm::engine
