#include "ui/error_words.h"

#include "ui/format.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <array>
#include <vector>

namespace millm {

namespace {

// As core and app write them; a test compares. Append a row for a sentence that people meet.
constexpr std::array errorSentences{
    QT_TRANSLATE_NOOP("Errors", "There is no model with id %1."),
    QT_TRANSLATE_NOOP("Errors", "The model '%1' with %2 quantization is already there."),
    QT_TRANSLATE_NOOP("Errors", "The local model at '%1' is already there."),
    QT_TRANSLATE_NOOP("Errors", "Network error. Please check connection and try again."),
    QT_TRANSLATE_NOOP("Errors", "Download failed: %1"),
    QT_TRANSLATE_NOOP("Errors", "The Hub cannot be searched: %1"),
    QT_TRANSLATE_NOOP("Errors", "Loading the model failed: %1"),
    QT_TRANSLATE_NOOP("Errors", "Out of memory loading model. Try a smaller model or higher quantization (Q4)."),
    QT_TRANSLATE_NOOP("Errors", "The model is already loaded."),
    QT_TRANSLATE_NOOP("Errors", "The model is not loaded."),
    QT_TRANSLATE_NOOP("Errors", "No model is loaded."),
    QT_TRANSLATE_NOOP("Errors", "The model is not being downloaded."),
    QT_TRANSLATE_NOOP("Errors", "The program is shutting down."),
    QT_TRANSLATE_NOOP("Errors", "Insufficient disk space. Need %1, only %2 available."),
    QT_TRANSLATE_NOOP("Errors", "Invalid repository id '%1': %2"),
    QT_TRANSLATE_NOOP("Errors", "Invalid model path: Directory does not exist or does not contain valid model files."),
    QT_TRANSLATE_NOOP("Errors", "Model not found: '%1' does not exist on HuggingFace."),
    QT_TRANSLATE_NOOP("Errors", "'%1' is a gated model: accept its terms on its page and give an access token."),
    QT_TRANSLATE_NOOP("Errors", "The Hub refuses the access token: %1"),
    QT_TRANSLATE_NOOP("Errors", "The access token does not open '%1': %2"),
    QT_TRANSLATE_NOOP("Errors", "it must be owner/name"),
    QT_TRANSLATE_NOOP("Errors", "only letters, digits, '-', '_' and '.' are allowed"),
    QT_TRANSLATE_NOOP("Errors", "a part must not begin or end with '%1'"),
    QT_TRANSLATE_NOOP("Errors", "it is not an address of the Hub"),
    QT_TRANSLATE_NOOP("Errors", "it is an address of %1, not of a model"),
    QT_TRANSLATE_NOOP("Errors", "the Hub has disabled this repository."),
    QT_TRANSLATE_NOOP("Errors", "the Hub's rate limit is reached (429)."),
    QT_TRANSLATE_NOOP("Errors", "the server is in trouble (%1). Please try again later."),
    QT_TRANSLATE_NOOP("Errors", "the server does not answer like a Hub (404)."),
    QT_TRANSLATE_NOOP("Errors", "the server's certificate is not trusted (TLS)."),
    QT_TRANSLATE_NOOP("Errors", "Another model is being loaded."),
    QT_TRANSLATE_NOOP("Errors", "Another model is loaded, loading or unloading."),
    QT_TRANSLATE_NOOP("Errors", "Another model is called '%1' already."),
    QT_TRANSLATE_NOOP("Errors", "The model is being loaded already."),
    QT_TRANSLATE_NOOP("Errors", "The model is being removed."),
    QT_TRANSLATE_NOOP("Errors", "The model is being unloaded."),
    QT_TRANSLATE_NOOP("Errors", "The model is loaded, loading or being removed; unload it first."),
    QT_TRANSLATE_NOOP("Errors", "Only a failed download can be started again."),
    QT_TRANSLATE_NOOP("Errors", "The name is empty."),
    QT_TRANSLATE_NOOP("Errors", "The models are being moved to another folder."),
    QT_TRANSLATE_NOOP("Errors", "Models are moved only while none is loaded, loading or downloading."),
    QT_TRANSLATE_NOOP("Errors", "Moving the models was stopped; they are where they were."),
    QT_TRANSLATE_NOOP("Errors", "'%1' is there already."),
    QT_TRANSLATE_NOOP("Errors", "'%1' is not what was written."),
    QT_TRANSLATE_NOOP("Errors", "'%1' cannot be changed: %2."),
    QT_TRANSLATE_NOOP("Errors",
                      "must be system, none or an address such as http://proxy.example:3128 or socks5://proxy.example:1080"),
    QT_TRANSLATE_NOOP("Errors", "must be 0 or 0.01 to %1 MB a second, not '%2'"),
    QT_TRANSLATE_NOOP("Errors", "The database cannot be opened: %1"),
    QT_TRANSLATE_NOOP("Errors", "The database failed: %1"),
    QT_TRANSLATE_NOOP("Errors", "The settings file '%1' cannot be written: %2."),
    QT_TRANSLATE_NOOP("Errors", "Cannot listen on '%1': it is not an address."),
    QT_TRANSLATE_NOOP("Errors", "Cannot listen on %1 port %2: %3."),
    QT_TRANSLATE_NOOP("Errors", "must be a port from 0 to 65535, not '%1'"),
    QT_TRANSLATE_NOOP("Errors", "must be a number of MiB, not '%1'"),
    QT_TRANSLATE_NOOP("Errors", "must be 0 to %1 minutes, not '%2'"),
    QT_TRANSLATE_NOOP("Errors", "must be a number from 0 to 1024, not '%1'"),
    QT_TRANSLATE_NOOP("Errors", "must be an http or https URL, not '%1'"),
    QT_TRANSLATE_NOOP("Errors", "%1 cannot be written: %2."),
    QT_TRANSLATE_NOOP("Errors", "Download interrupted"),
    QT_TRANSLATE_NOOP("Errors", "Quantizing interrupted"),
    QT_TRANSLATE_NOOP("Errors", "The model's files are no longer in the cache. Download it again."),
    QT_TRANSLATE_NOOP("Errors", "The model's files are no longer in the cache. Quantize it again."),
    QT_TRANSLATE_NOOP("Errors", "The model's files are not there yet."),
    QT_TRANSLATE_NOOP("Errors", "Q4 and Q8 can be made of a model whose files are not quantized."),
    QT_TRANSLATE_NOOP("Errors", "'%1' in '%2' is not what it was."),
    QT_TRANSLATE_NOOP("Errors", "'%1' cannot be copied to '%2'."),
};

struct ErrorPattern {
    const char *sentence;
    QRegularExpression form;
};

/// "Download failed: %1" as an expression with a group for each place. Places are numbered in the order in which they come.
QRegularExpression formOf(const char *sentence) {
    static const QRegularExpression place(QStringLiteral("%\\d"));
    QStringList between = QString::fromUtf8(sentence).split(place);
    for (QString &part : between) part = QRegularExpression::escape(part);
    return QRegularExpression(QRegularExpression::anchoredPattern(between.join(QStringLiteral("(.+)"))),
                              QRegularExpression::DotMatchesEverythingOption);
}

const std::vector<ErrorPattern> &errorPatterns() {
    static const std::vector<ErrorPattern> patterns = [] {
        std::vector<ErrorPattern> list;
        for (const char *sentence : errorSentences) list.push_back({sentence, formOf(sentence)});
        return list;
    }();
    return patterns;
}

/// A part of a sentence: "1.8 GB", a reason that is a sentence too, or a name.
QString sizeOrWords(const QString &part) {
    static const QRegularExpression size(QStringLiteral("\\A\\d+\\.\\d+ GB\\z"));
    return size.match(part).hasMatch() ? format::gigabytes(part) : inWords(part);
}

}  // namespace

QString inWords(const QString &sentence) {
    for (const ErrorPattern &pattern : errorPatterns()) {
        const QRegularExpressionMatch match = pattern.form.match(sentence);
        if (!match.hasMatch()) continue;
        const QString words = QCoreApplication::translate("Errors", pattern.sentence);
        const auto part = [&](int at) { return sizeOrWords(match.captured(at)); };
        switch (match.lastCapturedIndex()) {
            case 0:
                return words;
            case 1:
                return words.arg(part(1));
            case 2:
                return words.arg(part(1), part(2));
            default:
                return words.arg(part(1), part(2), part(3));
        }
    }
    return sentence;
}

QString inWords(const Error &error) {
    return inWords(error.message);
}

}  // namespace millm
