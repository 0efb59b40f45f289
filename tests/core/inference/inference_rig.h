#pragma once

#include "core/base/settings.h"
#include "core/inference/inference_service.h"
#include "tests/support/waiting.h"

#include <QTest>

#include <memory>
#include <optional>

namespace millm::testing {

/// Where the small models are.
inline const auto fixtures = QStringLiteral(MILLM_FIXTURES "/models/");

/// What a request said, kept after its handle is gone.
struct Heard {
    QList<qint32> prompt, ids;
    QString text;
    int chunks = 0, ends = 0;
    std::optional<GenerationSummary> summary;
    std::optional<Error> error;
};

inline std::shared_ptr<Heard> listen(Generation *generation) {
    auto heard = std::make_shared<Heard>();
    QObject::connect(generation, &Generation::started, generation,
                     [heard](const QList<qint32> &prompt) { heard->prompt = prompt; });
    QObject::connect(generation, &Generation::chunk, generation, [heard](const TokenChunk &chunk) {
        ++heard->chunks;
        heard->text += chunk.text;
        for (const auto &token : chunk.tokens) heard->ids << token.id;
    });
    QObject::connect(generation, &Generation::finished, generation, [heard](const GenerationSummary &summary) {
        ++heard->ends;
        heard->summary = summary;
    });
    QObject::connect(generation, &Generation::failed, generation, [heard](const Error &error) {
        ++heard->ends;
        heard->error = error;
    });
    return heard;
}

inline GenerationRequest greedy(PromptInput input, qint64 tokens) {
    GenerationRequest request;
    request.input = std::move(input);
    request.sampling.temperature = 0;
    request.stop.max_new_tokens = tokens;
    return request;
}

inline GenerationRequest endless(const QString &text) {
    auto request = greedy(TextInput{text}, 0);
    request.stop.ignore_eos = true;
    return request;
}

/// The service with the engine as it is: a plugin behind dlopen, real models. Without one loaded after each test.
class InferenceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_service = make(); }
    void cleanup() { QVERIFY(wait(m_service->unload(0))); }

protected:
    static std::unique_ptr<InferenceService> make() {
        Settings settings;
        settings.device = QStringLiteral("cpu");
        settings.dtype = QStringLiteral("float32");
        settings.threads = 2;
        settings.engineDirs = {QStringLiteral(MILLM_ENGINE_DIR)};
        return std::make_unique<InferenceService>(settings);
    }

    static Model folder(const QString &path) {
        Model model;
        model.id = 7;
        model.name = QStringLiteral("test");
        model.cachePath = path;
        return model;
    }

    void load(const QString &path) {
        const auto loaded = answer(m_service->load(folder(path), {}), 300000);
        QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
    }

    const QString m_sample = QStringLiteral(MILLM_SAMPLE_MODEL);
    std::unique_ptr<InferenceService> m_service;
    QObject m_parent;
};

}  // namespace millm::testing
