// What a Hub says: its JSON, its search, its Link and rate limit headers, its errors. The first byte says which it is.
#include "core/hub/file_selection.h"
#include "core/hub/hub_failure.h"
#include "core/hub/hub_json.h"
#include "core/hub/origin.h"
#include "core/hub/rate_limit.h"
#include "core/hub/repository_name.h"
#include "core/models/model_search.h"
#include "tests/fuzz/fuzz.h"

#include <QUrl>

#include <limits>

namespace millm::fuzz {

namespace {

QByteArray bytes(std::string_view text) {
    return {text.data(), qsizetype(text.size())};
}

void run(const Bytes &input) {
    if (input.empty()) return;
    const QByteArray text = bytes(std::string_view(input).substr(1));
    switch (static_cast<unsigned char>(input[0]) % 7) {
        case 0:
            if (const auto json = jsonObject(text, "application/json"))
                if (const auto info = repositoryInfo(*json); info && info->commit.size() != 40) wrong("a commit that is none");
            break;
        case 1:
            if (const auto files = filesOfTree(text)) {
                qint64 sum = 0;
                for (const HubFile &file : *files)
                    if (file.size < 0 || file.size > largestHubFile || __builtin_add_overflow(sum, file.size, &sum))
                        wrong("a size that is none");
                (void)selectFiles(*files);
            }
            break;
        case 2: {
            const QUrl next = nextPage(text);
            (void)redacted(throughMirror(next, QUrl(QStringLiteral("http://127.0.0.1:1/hub"))));
            RedirectTrail trail;
            (void)trail.follow(QUrl(QStringLiteral("https://127.0.0.1/a/b")), text);
            break;
        }
        case 3: {
            const auto wait = rateLimitWait(text, text, text);
            if (wait && *wait < 0) wrong("a wait that lies in the past");
            break;
        }
        case 4:
            for (const int status : {400, 401, 403, 404, 416, 429, 500})
                (void)failureOfAnswer(status, [&](const char *) { return text.left(200); }, text,
                                      {QStringLiteral("a/b"), QStringLiteral("c"), true, false, {}});
            break;
        case 5:
            if (const auto name = normaliseRepositoryName(QString::fromUtf8(text)); name && name->count(u'/') != 1)
                wrong("a name that is none");
            (void)weightsOfIndex(text, {HubFile{QStringLiteral("model-00001-of-00001.safetensors"), 5, {}, {}}});
            break;
        default:
            if (const auto found = foundRepositories(text, "application/json", 20)) {
                if (found->size() > 20) wrong("more than asked for");
                for (const FoundRepository &repository : *found) {
                    const FoundModel model = judgeFound(repository, 8'000'000'000);
                    for (const qint64 bytes : model.weightBytes)
                        if (bytes < 0) wrong("weights of less than nothing");
                    if (repository.id.count(u'/') != 1 || repository.license.size() > 200) wrong("a repository that is none");
                }
            }
    }
}

Bytes mutate(const Bytes &input, Random &random) {
    if (input.empty()) return mutate_bytes(input, random);
    return input[0] + mutate_json(input.substr(1), random);
}

std::vector<Bytes> seeds() {
    const std::string commit(40, 'a'), sum(64, 'b');
    return {
        std::string(1, '\0') + R"({"id": "acme/tiny", "sha": ")" + commit +
            R"(", "gated": "auto", "private": false, "disabled": false, "tags": ["license:mit", "custom_code"], "cardData": {"license": ["mit"], )"
            R"("license_name": "x"}, "config": {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}, "safetensors": {"total": 12}, )"
            R"("transformersInfo": {"custom_class": "x"}})",
        "\1[{\"type\": \"file\", \"path\": \"config.json\", \"size\": 12, \"oid\": \"" + commit +
            "\"}, {\"type\": \"directory\", \"path\": \"x\"}, {\"type\": \"file\", \"path\": \"model.safetensors\", \"size\": "
            "5, \"lfs\": {\"oid\": \"" +
            sum + "\", \"size\": 99}}]",
        "\2<https://huggingface.co/api/models/a/b/tree/main?cursor=x%3D,y>; rel=\"next\", <http://x>; rel=prev",
        "\2/b/c?d#e",
        "\3\"api\";r=0;t=212",
        "\3Wed, 21 Oct 2026 07:28:00 GMT",
        "\3 120",
        "\4{\"error\": \"Invalid credentials in Authorization header\"}",
        "\4{\"errors\": [{\"message\": \"Token is expired\"}]}",
        "\5https://huggingface.co/acme/tiny/tree/main",
        "\6"
        R"([{"id": "acme/tiny", "downloads": 5, "likes": 2, "gated": "auto", "private": false, "tags": ["safetensors", "gguf"], )"
        R"("cardData": {"license": "mit"}, "pipeline_tag": "text-generation", "config": {"model_type": "llama", "architectures": ["X"], )"
        R"("quantization_config": {"quant_method": "gptq"}}, "safetensors": {"total": 12, "parameters": {"BF16": 8, "F32": 4}}}, {"id": "a/b"}])",
        "\5{\"weight_map\": {\"a\": \"model-00001-of-00001.safetensors\"}}",
    };
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
