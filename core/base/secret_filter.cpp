#include "core/base/secret_filter.h"

#include <QRegularExpression>
#include <QUrl>

#include <algorithm>
#include <array>

namespace millm {

namespace {

struct Form {
    const char *pattern, *replacement;
};

// Secrets known by their form. One more: append a row.
constexpr std::array forms{
    Form{"\\bhf_[A-Za-z0-9_]{4,}", "hf_***"},
    Form{"(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{4,}", "\\1 ***"},
    Form{"(?i)\\b((?:x-)?api-key|authorization)(\"?\\s*[:=]\\s*\"?)(?!(?:bearer|basic)\\s)[^\\s\",;]+", "\\1\\2***"},
    // Signed links of storage providers: everything behind the first such parameter is part of the signature's scope.
    Form{
        "(?i)([?&](?:x-amz-[a-z-]+|x-goog-[a-z-]+|signature|sig|policy|key-pair-id|expires|x-xet-[a-z-]+|token|access_token)=)["
        "^\\s\"'<>]+",
        "\\1***"},
    Form{"([a-z][a-z0-9+.-]*://[^/\\s:@]*):[^/\\s@]+@", "\\1:***@"},
};

const std::array<QRegularExpression, forms.size()> &expressions() {
    static const auto compiled = [] {
        std::array<QRegularExpression, forms.size()> all;
        std::ranges::transform(forms, all.begin(),
                               [](const Form &row) { return QRegularExpression(QString::fromLatin1(row.pattern)); });
        return all;
    }();
    return compiled;
}

}  // namespace

SecretFilter::SecretFilter(const QStringList &secrets) {
    for (const auto &secret : secrets) {
        if (secret.size() < 4) continue;  // would star out half of every line
        m_secrets << secret;
        const QString encoded = QString::fromLatin1(QUrl::toPercentEncoding(secret));
        if (encoded != secret) m_secrets << encoded;
    }
    // Longest first: one secret may be the beginning of another.
    std::ranges::sort(m_secrets, std::ranges::greater{}, &QString::size);
    expressions();
}

QString SecretFilter::clean(QString text) const {
    for (const auto &secret : m_secrets) text.replace(secret, QStringLiteral("***"));
    for (std::size_t i = 0; i < forms.size(); ++i) text.replace(expressions()[i], QString::fromLatin1(forms[i].replacement));
    return text;
}

}  // namespace millm
