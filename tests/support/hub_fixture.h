#pragma once

#include "core/base/settings.h"
#include "core/hub/hub_client.h"
#include "tests/support/hub_emulator.h"

#include <QByteArray>
#include <QString>
#include <QTest>

#include <optional>

/// What tests against the Hub emulator share.
namespace millm::testing {

/// A small Llama of random weights, written as a repository: config.json, tokenizer, README with a licence, weights.
struct LlamaSpec {
    int vocab = 64, hidden = 64, intermediate = 128, layers = 2, heads = 4;
    int shards = 1;       ///< more than 1: with an index
    bool sparse = false;  ///< weights are a hole in the file, zeros without disk space
    quint32 seed = 1;     ///< of the weights
};
void writeLlama(const QString &folder, const LlamaSpec &spec = {});

void writeFile(const QString &path, const QByteArray &content);
QByteArray readFile(const QString &path);
/// Every file below a folder, sorted, relative to it.
QStringList filesBelow(const QString &folder);

/// A folder as the official clients' cache has it after a download: blobs, references, links. Answers with the commit.
QByteArray writeHubCache(const QString &cache, const QString &repoId, const QString &folder);

Settings hubSettings(const HubEmulator &hub, const QString &token = {}, const QString &hubCache = {});
/// Retries within milliseconds, but patient with a loaded machine.
HubTiming quickTiming();

/// Calls something that answers later, and turns the event loop until it does.
template <class T, class Ask>
HubResult<T> ask(Ask &&question) {
    std::optional<HubResult<T>> answer;
    question([&](HubResult<T> result) { answer = std::move(result); });
    if (!QTest::qWaitFor([&] { return answer.has_value(); }, 60000)) qFatal("no answer within a minute");
    return *answer;
}

}  // namespace millm::testing
