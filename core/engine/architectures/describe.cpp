#include "core/engine/architectures/families.h"
#include "core/engine/architectures/weight_index.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace millm::engine {

namespace {

// Append a row for a new family.
const Family families[] = {
    {"llama", "LlamaForCausalLM", describe_llama},
    {"gpt2", "GPT2LMHeadModel", describe_gpt2},
    {"mistral", "MistralForCausalLM", describe_mistral},
    {"qwen2", "Qwen2ForCausalLM", describe_qwen2},
    {"qwen3", "Qwen3ForCausalLM", describe_qwen3},
    {"apertus", "ApertusForCausalLM", describe_apertus},
    {"arcee", "ArceeForCausalLM", describe_arcee},
    {"bamba", "BambaForCausalLM", describe_bamba},
    {"bert", "BertModel", describe_bert},
    {"biogpt", "BioGptForCausalLM", describe_biogpt},
    {"bloom", "BloomForCausalLM", describe_bloom},
    {"camembert", "CamembertModel", describe_roberta},
    {"codegen", "CodeGenForCausalLM", describe_codegen},
    {"cohere", "CohereForCausalLM", describe_cohere},
    {"cohere2", "Cohere2ForCausalLM", describe_cohere2},
    {"deepseek_v2", "DeepseekV2ForCausalLM", describe_deepseek_v2},
    {"deepseek_v3", "DeepseekV3ForCausalLM", describe_deepseek_v3},
    {"dots1", "Dots1ForCausalLM", describe_dots1},
    {"ernie4_5", "Ernie4_5ForCausalLM", describe_ernie4_5},
    {"ernie4_5_moe", "Ernie4_5_MoeForCausalLM", describe_ernie4_5_moe},
    {"exaone4", "Exaone4ForCausalLM", describe_exaone4},
    {"falcon", "FalconForCausalLM", describe_falcon},
    {"falcon_h1", "FalconH1ForCausalLM", describe_falcon_h1},
    {"falcon_mamba", "FalconMambaForCausalLM", describe_falcon_mamba},
    {"flex_olmo", "FlexOlmoForCausalLM", describe_flex_olmo},
    {"gemma", "GemmaForCausalLM", describe_gemma},
    {"gemma2", "Gemma2ForCausalLM", describe_gemma2},
    {"gemma3_text", "Gemma3ForCausalLM", describe_gemma3},
    {"gemma3n_text", "Gemma3nForCausalLM", describe_gemma3n},
    {"gemma4_text", "Gemma4ForCausalLM", describe_gemma4},
    {"gemma4_unified_text", "Gemma4UnifiedForCausalLM", describe_gemma4_unified},
    {"glm", "GlmForCausalLM", describe_glm},
    {"glm4", "Glm4ForCausalLM", describe_glm4},
    {"glm4_moe", "Glm4MoeForCausalLM", describe_glm4_moe},
    {"glm4_moe_lite", "Glm4MoeLiteForCausalLM", describe_glm4_moe_lite},
    {"gpt_bigcode", "GPTBigCodeForCausalLM", describe_gpt_bigcode},
    {"gpt_neo", "GPTNeoForCausalLM", describe_gpt_neo},
    {"gpt_neox", "GPTNeoXForCausalLM", describe_gpt_neox},
    {"gpt_oss", "GptOssForCausalLM", describe_gpt_oss},
    {"gptj", "GPTJForCausalLM", describe_gptj},
    {"granite", "GraniteForCausalLM", describe_granite},
    {"granitemoe", "GraniteMoeForCausalLM", describe_granitemoe},
    {"granitemoehybrid", "GraniteMoeHybridForCausalLM", describe_granitemoehybrid},
    {"granitemoeshared", "GraniteMoeSharedForCausalLM", describe_granitemoeshared},
    {"helium", "HeliumForCausalLM", describe_helium},
    {"hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM", describe_hunyuan},
    {"hunyuan_v1_moe", "HunYuanMoEV1ForCausalLM", describe_hunyuan_moe},
    {"hyperclovax", "HyperCLOVAXForCausalLM", describe_hyperclovax},
    {"internlm3", "LlamaForCausalLM", describe_internlm3},
    {"jais2", "Jais2ForCausalLM", describe_jais2},
    {"jamba", "JambaForCausalLM", describe_jamba},
    {"kimi_linear", "KimiLinearForCausalLM", describe_kimi_linear},
    {"lfm2", "Lfm2ForCausalLM", describe_lfm2},
    {"lfm2_moe", "Lfm2MoeForCausalLM", describe_lfm2_moe},
    {"llama4_text", "Llama4ForCausalLM", describe_llama4},
    {"mamba", "MambaForCausalLM", describe_mamba},
    {"mamba2", "Mamba2ForCausalLM", describe_mamba2},
    {"minimax", "MiniMaxForCausalLM", describe_minimax},
    {"minimax_m2", "MiniMaxM2ForCausalLM", describe_minimax_m2},
    {"ministral", "MinistralForCausalLM", describe_mistral},
    {"ministral3", "Ministral3ForCausalLM", describe_ministral3},
    {"mixtral", "MixtralForCausalLM", describe_mixtral},
    {"modernbert", "ModernBertModel", describe_modernbert},
    {"mpt", "MptForCausalLM", describe_mpt},
    {"nanochat", "NanoChatForCausalLM", describe_nanochat},
    {"nemotron", "NemotronForCausalLM", describe_nemotron},
    {"nemotron_h", "NemotronHForCausalLM", describe_nemotron_h},
    {"olmo", "OlmoForCausalLM", describe_olmo},
    {"olmo2", "Olmo2ForCausalLM", describe_olmo2},
    {"olmo3", "Olmo3ForCausalLM", describe_olmo3},
    {"olmo_hybrid", "OlmoHybridForCausalLM", describe_olmo_hybrid},
    {"olmoe", "OlmoeForCausalLM", describe_olmoe},
    {"opt", "OPTForCausalLM", describe_opt},
    {"phi", "PhiForCausalLM", describe_phi},
    {"phi3", "Phi3ForCausalLM", describe_phi3},
    {"phimoe", "PhimoeForCausalLM", describe_phimoe},
    {"qwen2_moe", "Qwen2MoeForCausalLM", describe_qwen2_moe},
    {"qwen3_5_moe_text", "Qwen3_5MoeForCausalLM", describe_qwen3_5_moe},
    {"qwen3_5_text", "Qwen3_5ForCausalLM", describe_qwen3_5},
    {"qwen3_moe", "Qwen3MoeForCausalLM", describe_qwen3_moe},
    {"qwen3_next", "Qwen3NextForCausalLM", describe_qwen3_next},
    {"recurrent_gemma", "RecurrentGemmaForCausalLM", describe_recurrent_gemma},
    {"roberta", "RobertaModel", describe_roberta},
    {"rwkv", "RwkvForCausalLM", describe_rwkv},
    {"seed_oss", "SeedOssForCausalLM", describe_seed_oss},
    {"smollm3", "SmolLM3ForCausalLM", describe_smollm3},
    {"solar_open", "SolarOpenForCausalLM", describe_solar_open},
    {"stablelm", "StableLmForCausalLM", describe_stablelm},
    {"starcoder2", "Starcoder2ForCausalLM", describe_starcoder2},
    {"xglm", "XGLMForCausalLM", describe_xglm},
    {"xlm-roberta", "XLMRobertaModel", describe_roberta},
};

const Family *family_of(std::string_view model_type) {
    for (const Family &family : families) {
        if (family.model_type == model_type) return &family;
    }
    return nullptr;
}

std::string supported_as_text() {
    std::string text;
    for (const Family &family : families) {
        if (!text.empty()) text += ", ";
        text += family.model_type;
    }
    return text;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char &c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

constexpr std::string_view language_heads[] = {"ForCausalLM", "LMHeadModel", "DoubleHeadsModel"};
constexpr std::string_view masked_heads[] = {"Model", "ForMaskedLM", "ForPreTraining"};

/// A decoder with a language head, or the family's bare decoder ("LlamaModel", "Gemma3TextModel"); an encoder as it is, or with
/// the head that it was trained with: not a classifier or a reward model on top of one.
bool is_wanted(std::string_view architecture, const Family &family) {
    std::string_view name = family.architecture;
    for (const std::string_view head : language_heads) {
        if (!name.ends_with(head)) continue;
        name.remove_suffix(head.size());
        if (std::ranges::any_of(language_heads, [&](std::string_view own) { return architecture.ends_with(own); })) return true;
        return lower(architecture) == lower(name) + "model" || lower(architecture) == lower(name) + "textmodel";
    }
    name.remove_suffix(masked_heads[0].size());
    return std::ranges::any_of(masked_heads,
                               [&](std::string_view head) { return architecture == std::string(name) + std::string(head); });
}

void check_attention(const AttentionDescription &a, const DecoderDescription &d, ConfigReader &config) {
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    if (a.heads > widest_layer || a.heads * a.head_dim > widest_layer) {
        config.fail(ErrorCode::InvalidFile,
                    "config.json: " + text(a.heads) + " heads of " + text(a.head_dim) + " are beyond any model");
    } else if (a.heads % a.kv_heads != 0) {
        config.fail(
            ErrorCode::InvalidFile,
            "config.json: " + text(a.heads) + " attention heads do not divide into " + text(a.kv_heads) + " key-value heads",
            a.heads, a.kv_heads);
    } else if (a.rope >= 0 && d.ropes[static_cast<std::size_t>(a.rope)].dims > a.head_dim) {
        const std::int64_t dims = d.ropes[static_cast<std::size_t>(a.rope)].dims;
        config.fail(ErrorCode::InvalidFile,
                    "config.json: " + text(dims) + " rotated dimensions do not fit a \"head_dim\" of " + text(a.head_dim),
                    a.head_dim, dims);
    }
}

/// The widest product of each kind of mixer.
struct WidthOf {
    double operator()(const AttentionDescription &) const { return 0; }  // has its own check
    double operator()(const ShortConvolutionDescription &) const { return 0; }
    double operator()(const LatentAttentionDescription &a) const {
        const double head =
            static_cast<double>(a.plain_dim) + static_cast<double>(a.rope_dim) + static_cast<double>(a.value_dim);
        return std::max(
            {static_cast<double>(a.heads) * head, static_cast<double>(a.latent), static_cast<double>(a.query_rank)});
    }
    double operator()(const GatedDeltaDescription &d) const {
        return static_cast<double>(d.key_heads) * static_cast<double>(d.key_dim) +
               static_cast<double>(d.value_heads) * static_cast<double>(d.value_dim);
    }
    double operator()(const SelectiveScanDescription &s) const {
        return std::max(static_cast<double>(s.channels), static_cast<double>(s.rank));
    }
    double operator()(const StateSpaceDescription &s) const {
        return static_cast<double>(s.heads) * static_cast<double>(s.head_dim) +
               2 * static_cast<double>(s.groups) * static_cast<double>(s.state);
    }
    double operator()(const GatedRecurrenceDescription &r) const { return static_cast<double>(r.channels); }
    double operator()(const LinearAttentionDescription &a) const {
        return static_cast<double>(a.heads) * static_cast<double>(a.head_dim);
    }
    double operator()(const WeightedMeanDescription &m) const { return static_cast<double>(m.channels); }
    double operator()(const ParallelMixersDescription &p) const { return (*this)(p.space); }
    double operator()(const NoMixerDescription &) const { return 0; }
};

void check_widths(const MixerDescription &mixer, ConfigReader &config) {
    if (std::visit(WidthOf{}, mixer) > widest_layer)
        config.fail(ErrorCode::InvalidFile, "config.json: heads and their sizes are beyond any model");
}

void check_dense(const DenseDescription &dense, ConfigReader &config) {
    if (dense.size > 16 * widest_layer)
        config.fail(ErrorCode::InvalidFile,
                    "config.json: intermediate size " + std::to_string(dense.size) + " is beyond any model");
}

/// Null where there are no experts.
const MoeDescription *mixture_of(const FeedForwardDescription &feed) {
    const auto *both = std::get_if<DenseAndMoeDescription>(&feed);
    return both != nullptr ? &both->mixture : std::get_if<MoeDescription>(&feed);
}

void check_feed(const FeedForwardDescription &feed, ConfigReader &config) {
    if (const auto *dense = std::get_if<DenseDescription>(&feed)) check_dense(*dense, config);
    if (const auto *both = std::get_if<DenseAndMoeDescription>(&feed)) check_dense(both->dense, config);
    const MoeDescription *moe = mixture_of(feed);
    if (moe == nullptr) return;
    check_dense(moe->expert, config);
    check_dense(moe->shared, config);
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    if (moe->experts > 1 << 16 || moe->chosen > moe->experts)
        config.fail(ErrorCode::InvalidFile,
                    "config.json: " + text(moe->chosen) + " of " + text(moe->experts) + " experts cannot be chosen",
                    moe->experts, moe->chosen);
}

/// Far past any model, and so that no count of bytes made of these leaves 64 bits.
void check(const DecoderDescription &d, ConfigReader &config) {
    std::int64_t experts = 0;
    for (const LayerDescription &layer : d.layers) {
        if (config.error()) return;
        if (const MoeDescription *moe = mixture_of(layer.feed)) experts += moe->experts;
        if (const auto *attention = std::get_if<AttentionDescription>(&layer.mixer)) check_attention(*attention, d, config);
        if (const auto *both = std::get_if<ParallelMixersDescription>(&layer.mixer))
            check_attention(both->attention, d, config);
        check_widths(layer.mixer, config);
        check_feed(layer.feed, config);
    }
    if (d.token_inputs.size * d.depth() > 16 * widest_layer)
        config.fail_at("hidden_size_per_layer_input", ErrorCode::InvalidFile,
                       "config.json: " + std::to_string(d.token_inputs.size) + " values of each token for " +
                           std::to_string(d.depth()) + " layers are beyond any model");
    if (experts > 1 << 16) {
        config.fail(ErrorCode::InvalidFile, "config.json: " + std::to_string(experts) + " experts are beyond any model",
                    1 << 16, experts);
    }
    if (d.hidden > widest_layer || d.depth() > most_layers) {
        config.fail(ErrorCode::InvalidFile, "config.json: " + std::to_string(d.depth()) + " layers and hidden size " +
                                                std::to_string(d.hidden) + " are beyond any model");
    }
}

/// What stands in front of the text part's own fields in a repository that has other parts too.
ConfigReader text_part(ConfigReader &whole, const JsonValue &text) {
    JsonValue::Members members(text.members().begin(), text.members().end());
    for (const char *key : {"tie_word_embeddings", "eos_token_id", "bos_token_id", "quantization_config", "dtype",
                            "torch_dtype", "architectures", "auto_map"}) {
        const JsonValue *field = whole.given(key);
        if (field != nullptr && text.given(key) == nullptr) members.push_back({key, *field});
    }
    return ConfigReader(JsonValue::object_of(std::move(members)));
}

}  // namespace

std::vector<std::string_view> supported_model_types() {
    std::vector<std::string_view> result;
    for (const Family &family : families) result.push_back(family.model_type);
    return result;
}

Result<DecoderDescription> describe(std::string_view config_json) {
    Result<ConfigReader> parsed = ConfigReader::parse(config_json);
    if (!parsed) return parsed.error();
    // Of several parts the one that writes text.
    const JsonValue *text = parsed->given("text_config");
    const bool whole = family_of(parsed->text("model_type", "")) != nullptr;
    const std::string *text_type = text != nullptr ? text->text("model_type") : nullptr;
    const bool is_part = !whole && text_type != nullptr && family_of(*text_type) != nullptr;
    ConfigReader config = is_part ? text_part(*parsed, *text) : *std::move(parsed);

    const std::string model_type = config.text("model_type", "");
    const std::vector<std::string> architectures = config.texts("architectures");
    const std::string architecture = architectures.empty() ? std::string() : architectures.front();
    const JsonValue *auto_map = config.given("auto_map");
    const bool has_auto_map = auto_map && !(auto_map->is_object() && auto_map->members().empty());
    const std::string quantization = config.quantization_method();
    if (config.error()) return *config.error();
    const Family *family = family_of(model_type);
    if (family == nullptr) {
        const std::string name = model_type.empty() ? architecture : model_type;
        if (model_type.empty() && architecture.empty())
            return Error{ErrorCode::InvalidFile, "config.json lacks \"model_type\"", 0, 0, "model_type"};
        if (has_auto_map) {
            return Error{ErrorCode::NeedsRemoteCode,
                         "model type \"" + name +
                             "\" runs only with Python code from the repository, which this engine cannot run; it "
                             "has " +
                             supported_as_text(),
                         0, 0, "model_type"};
        }
        return Error{ErrorCode::Unsupported,
                     "model type \"" + name + "\" is not supported; this engine has " + supported_as_text(), 0, 0,
                     "model_type"};
    }
    if (!architecture.empty() && !is_wanted(architecture, *family) &&
        !(is_part && architecture.ends_with("ForConditionalGeneration"))) {
        return Error{ErrorCode::Unsupported,
                     "architecture \"" + architecture + "\" neither writes text nor makes vectors of it", 0, 0,
                     "architectures"};
    }

    DecoderDescription d = family->describe(config);
    if (d.names == nullptr) d.names = &llama_names();
    d.model_type = model_type;
    d.architecture = architecture.empty() ? std::string(family->architecture) : architecture;
    d.has_auto_map = has_auto_map;
    d.torch_dtype = config.text("dtype", config.text("torch_dtype", ""));
    if (d.torch_dtype.rfind("torch.", 0) == 0) d.torch_dtype.erase(0, 6);
    d.quantization = quantization;
    if (const JsonValue *packed = config.given("quantization_config"); packed && !quantization.empty())
        d.foreign = foreign_format(*packed, quantization, d.torch_dtype);
    config.refuse_unread();
    check(d, config);
    if (config.error()) return *config.error();
    d.index = std::make_shared<const WeightIndex>(d);
    return d;
}

}  // namespace millm::engine
