#pragma once

#include "core/base/error.h"
#include "core/base/worker_thread.h"
#include "core/engine/language_model.h"
#include "core/inference/engine_worker.h"
#include "core/inference/generation_shared.h"
#include "core/inference/requests.h"

#include <QFuture>
#include <QList>

#include <atomic>
#include <functional>
#include <memory>

namespace millm {

/// Turns what is asked in words into tokens and hands it to the engine, in threads of its own: "text" for prompts of what is
/// generated, in order, "ids" for texts whose ids somebody wants: prompts do not wait behind these. Services thread.
class RequestReader {
public:
    using Model = std::shared_ptr<engine::LanguageModel>;
    using Shared = std::shared_ptr<Generation::Shared>;
    /// `tell`: hears of requests that end here, in the thread "text". What is posted to `engine` uses nothing of this.
    RequestReader(std::shared_ptr<TaskQueue> engine, std::function<void(const GenerationEvent &)> tell);
    ~RequestReader();
    /// Texts that wait for their ids get them no more: ShuttingDown. What runs ends.
    void close() { m_closing = true; }

    void read(quint64 id, Model model, GenerationRequest request, Shared shared);
    void read(quint64 id, Model model, EmbeddingRequest request, Shared shared);
    /// QueueFull where too many wait already.
    QFuture<Result<QList<qint32>>> tokenize(Model model, PromptInput input);
    QFuture<Result<QString>> detokenize(Model model, QList<qint32> ids);
    /// Work that looks at files, behind the prompts.
    template <class F>
    auto run(F work) {
        return m_text.run(std::move(work));
    }
    /// `then` runs, in the thread "text", behind all that was asked before.
    void whenThrough(std::function<void()> then);

private:
    const std::shared_ptr<TaskQueue> m_engine;
    const std::function<void(const GenerationEvent &)> m_tell;
    std::atomic<int> m_tokenizing = 0;
    std::atomic<bool> m_closing = false;
    WorkerThread m_text{QStringLiteral("text")}, m_ids{QStringLiteral("ids")};
};

}  // namespace millm
