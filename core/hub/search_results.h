#pragma once

#include "core/hub/hub_failure.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <array>
#include <optional>

namespace millm {

/// A repository as a search of the Hub tells of it. What it does not tell is empty or nothing.
struct FoundRepository {
    QString id;
    QString license, modelType, architecture;
    QString task;          ///< the Hub's pipeline tag: "text-generation"
    QString quantization;  ///< the method by which its weights are quantized already
    std::optional<qint64> downloads, likes;
    std::optional<bool> gated;
    bool isPrivate = false;
    bool customCode = false;
    bool safetensors = false, pytorch = false, gguf = false;  ///< forms that its weights come in
    std::optional<qint64> elements;                           ///< numbers that the safetensors hold
    std::optional<qint64> storedBytes;                        ///< what these take in the files
};

/// What the search asks the Hub to tell of each.
inline constexpr std::array searchedFields = {"cardData", "config",  "downloads",    "gated",       "gguf",
                                              "likes",    "private", "pipeline_tag", "safetensors", "tags"};

/// The first `most` repositories of a search's answer; entries that are none are left out. Refused where it is no list.
HubResult<QList<FoundRepository>> foundRepositories(const QByteArray &body, const QByteArray &contentType, qsizetype most);

}  // namespace millm
