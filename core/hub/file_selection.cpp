#include "core/hub/file_selection.h"

#include "core/hub/path_safety.h"

#include <QHash>
#include <QRegularExpression>

#include <algorithm>

namespace millm {
namespace {

constexpr std::size_t mostShards = 10'000;
constexpr qint64 largestOther = 500'000'000;  // tokenizers of the largest vocabularies stay far below

/// Which files besides weights are worth keeping. Append a row.
const QList<QRegularExpression> &wanted() {
    static const QList<QRegularExpression> patterns = [] {
        QList<QRegularExpression> list;
        for (const char *pattern : {
                 "config\\.json",
                 "generation_config\\.json",
                 "tokenizer\\.json",
                 "tokenizer_config\\.json",
                 "special_tokens_map\\.json",
                 "added_tokens\\.json",
                 "vocab\\.(json|txt)",
                 "merges\\.txt",
                 "tekken\\.json",
                 "[^/]*\\.(model|tiktoken)",
                 "chat_template\\.(jinja|json)",
                 "additional_chat_templates/[^/]+\\.jinja",
                 // how an encoder makes one vector of a text
                 "(modules|sentence_bert_config|config_sentence_transformers)\\.json",
                 "[0-9]+_[A-Za-z]+/config\\.json",
                 "[0-9]+_Dense/(model\\.safetensors|pytorch_model\\.bin)",
                 "(LICENSE|LICENCE|NOTICE|USE_POLICY)[^/]*",
                 "README\\.md",
             })
            list.append(QRegularExpression(QRegularExpression::anchoredPattern(QLatin1StringView(pattern))));
        return list;
    }();
    return patterns;
}

bool isWanted(const QString &path) {
    return !path.endsWith(QLatin1StringView(".py")) &&
           std::any_of(wanted().begin(), wanted().end(), [&](const auto &pattern) { return pattern.match(path).hasMatch(); });
}

/// The files of a tree by their paths: it may have a great many of both.
class ByPath {
public:
    explicit ByPath(const QList<HubFile> &tree) {
        for (const HubFile &file : tree) m_files.insert(file.path, &file);
    }
    const HubFile *find(const QString &path) const { return m_files.value(path); }

private:
    QHash<QString, const HubFile *> m_files;
};

HubFailure unsafe(const QString &path, const QString &flaw) {
    return flawed(QStringLiteral("the repository has a file with an unsafe name (%1): \"%2\".").arg(flaw, path.left(120)));
}

}  // namespace

HubResult<FileSelection> selectFiles(const QList<HubFile> &tree) {
    std::vector<std::string> names;
    QStringList chosen;
    for (const HubFile &file : tree) {
        // A name that could leave the folder is no accident: nothing of such a repository is touched.
        const QString path = QString(file.path).replace(QLatin1Char('\\'), QLatin1Char('/'));
        const bool absolute = path.startsWith(QLatin1Char('/')) || (path.size() > 1 && path[1] == QLatin1Char(':'));
        if (absolute || path.split(QLatin1Char('/')).contains(QLatin1StringView("..")))
            return unsafe(file.path, unsafePath(file.path));
        names.push_back(file.path.toStdString());
    }
    const engine::WeightFiles weights = engine::choose_weight_files(names);
    FileSelection selection;
    selection.form = weights.form;
    selection.index = QString::fromStdString(weights.index);
    const ByPath byPath(tree);
    for (const std::string &name : weights.files) {
        if (const HubFile *file = byPath.find(QString::fromStdString(name))) selection.weights.append(*file);
    }
    for (const HubFile &file : tree) {
        // A licence whose name no disk takes is no reason to do without the model.
        const bool wanted = isWanted(file.path) && file.size <= largestOther && !isTooLong(file.path);
        if (file.path == selection.index || wanted) selection.others.append(file);
    }
    for (const QList<HubFile> *list : {&selection.weights, &selection.others}) {
        for (const HubFile &file : *list) {
            if (const QString flaw = unsafePath(file.path); !flaw.isEmpty()) return unsafe(file.path, flaw);
            chosen.append(file.path);
        }
    }
    if (const QString clash = caseClash(chosen); !clash.isEmpty())
        return unsafe(clash, QStringLiteral("another differs only in case"));
    return selection;
}

HubResult<QList<HubFile>> weightsOfIndex(const QByteArray &index, const QList<HubFile> &tree) {
    const auto shards = engine::shards_of_index(std::string_view(index.constData(), std::size_t(index.size())));
    if (!shards) return flawed(QString::fromStdString(shards.error().message));
    if (shards->size() > mostShards) return flawed(QStringLiteral("the index names %1 files.").arg(shards->size()));
    QList<HubFile> files;
    const ByPath byPath(tree);
    for (const std::string &name : *shards) {
        const QString path = QString::fromStdString(name);
        if (const QString flaw = unsafePath(path); !flaw.isEmpty()) return unsafe(path, flaw);
        const HubFile *file = byPath.find(path);
        if (!file) return flawed(QStringLiteral("the index names \"%1\", which the repository lacks.").arg(path.left(120)));
        files.append(*file);
    }
    return files;
}

}  // namespace millm
