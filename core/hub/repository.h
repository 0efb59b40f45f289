#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/dtype.h"
#include "core/engine/tokenizer/text_files.h"

#include <QByteArray>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace millm {

/// The largest file there may be, far past any Hub's: counts of the bytes of whole repositories then stay within 64 bits.
inline constexpr qint64 largestHubFile = 10'000'000'000'000;

/// A file of a repository at one commit, as its tree lists it.
struct HubFile {
    QString path;
    qint64 size = 0;
    QByteArray sha256;   ///< 32 bytes for LFS and Xet files, else empty
    QByteArray gitSha1;  ///< 20 bytes for small files ("blob <size>\0" + content), else empty
};

/// What a repository's texts pass through: told by its files' names and its small JSON files, without the vocabulary.
struct TextFacts {
    engine::TokenizerKind tokenizer = engine::TokenizerKind::None;
    QStringList tokenizerFiles;
    QString tokenizerClass;                    ///< transformers' name without "Fast"; empty where nothing tells
    std::optional<QStringList> chatTemplates;  ///< their names, "default" of an only one; nothing where they cannot be read
};

/// What a repository is and what would be downloaded from it: everything pinned to one commit.
struct RepositoryPlan {
    QString repoId;  ///< canonical: as the Hub spells it
    QString commit;  ///< 40 hex
    bool gated = false, isPrivate = false;
    QString license;
    QByteArray config;                                  ///< config.json; empty where the repository has none
    std::optional<engine::DecoderDescription> decoder;  ///< nothing where not supported
    QString unsupportedReason;                          ///< with no decoder, no weights or weights that are not the decoder's
    QString unsupportedField;                           ///< of config.json that is the reason, where one field is
    bool requiresRemoteCode = false;
    /// The files of a gated repository cannot be read with this token: then there is neither config nor decoder nor tensors,
    /// and what follows is the Hub's own word.
    bool closed = false;
    QString architecture, modelType;          ///< from the Hub's extract of config.json; empty where it has none
    qint64 storedElements = 0;                ///< numbers that the safetensors files hold, as the Hub counts; 0 unknown
    std::vector<engine::TensorInfo> tensors;  ///< of all weight files (from their headers); empty for .bin
    QList<HubFile> weights, others;           ///< what would be fetched
    QByteArray tokenizerConfig;               ///< tokenizer_config.json; empty where there is none, or it cannot be read
    QByteArray chatTemplate;                  ///< the same of chat_template.json
    TextFacts texts;
    qint64 downloadBytes() const;
};

}  // namespace millm

Q_DECLARE_METATYPE(millm::RepositoryPlan)
