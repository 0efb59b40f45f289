#include "ui/client_snippets.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>

namespace millm {
namespace {

struct Facts {
    QString base, key, model;
};

/// For a shell: within single quotes it knows no escape but ending them.
QString inQuotes(QString text) {
    return u'\'' + text.replace(u'\'', QStringLiteral("'\\''")) + u'\'';
}

/// For Python and JavaScript alike: JSON's strings are theirs too.
QString asLiteral(const QString &text) {
    const QByteArray list = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(list.sliced(1, list.size() - 2));
}

QString environmentLines(const Facts &of) {
    return QStringLiteral("export OPENAI_BASE_URL=%1\nexport OPENAI_API_KEY=%2")
        .arg(inQuotes(of.base + QStringLiteral("/v1")), inQuotes(of.key));
}

QString curlLines(const Facts &of) {
    const QJsonObject body{
        {QStringLiteral("model"), of.model},
        {QStringLiteral("messages"), QJsonArray{QJsonObject{{QStringLiteral("role"), QStringLiteral("user")},
                                                            {QStringLiteral("content"), QStringLiteral("Hello!")}}}}};
    return QStringLiteral("curl %1 \\\n  -H %2 \\\n  -H 'Content-Type: application/json' \\\n  -d %3")
        .arg(inQuotes(of.base + QStringLiteral("/v1/chat/completions")),
             inQuotes(QStringLiteral("Authorization: Bearer ") + of.key),
             inQuotes(QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact))));
}

QString pythonLines(const Facts &of) {
    return QStringLiteral(
               "from openai import OpenAI\n\n"
               "client = OpenAI(base_url=%1, api_key=%2)\n"
               "answer = client.chat.completions.create(\n"
               "    model=%3,\n"
               "    messages=[{\"role\": \"user\", \"content\": \"Hello!\"}],\n"
               ")\n"
               "print(answer.choices[0].message.content)")
        .arg(asLiteral(of.base + QStringLiteral("/v1")), asLiteral(of.key), asLiteral(of.model));
}

QString nodeLines(const Facts &of) {
    return QStringLiteral(
               "import OpenAI from \"openai\";\n\n"
               "const client = new OpenAI({ baseURL: %1, apiKey: %2 });\n"
               "const answer = await client.chat.completions.create({\n"
               "  model: %3,\n"
               "  messages: [{ role: \"user\", content: \"Hello!\" }],\n"
               "});\n"
               "console.log(answer.choices[0].message.content);")
        .arg(asLiteral(of.base + QStringLiteral("/v1")), asLiteral(of.key), asLiteral(of.model));
}

struct Snippet {
    const char *title;
    QString (*lines)(const Facts &);
};

// Another client: append a row.
constexpr std::array snippets{
    Snippet{QT_TRANSLATE_NOOP("millm::ClientSnippets", "Environment"), environmentLines},
    Snippet{QT_TRANSLATE_NOOP("millm::ClientSnippets", "curl"), curlLines},
    Snippet{QT_TRANSLATE_NOOP("millm::ClientSnippets", "Python"), pythonLines},
    Snippet{QT_TRANSLATE_NOOP("millm::ClientSnippets", "Node.js"), nodeLines},
};

}  // namespace

QStringList ClientSnippets::titles() const {
    QStringList list;
    for (const Snippet &snippet : snippets) list << tr(snippet.title);
    return list;
}

QString ClientSnippets::shown(int row) const {
    return made(row, m_key.isEmpty() ? QString() : QStringLiteral("••••••••"));
}

QString ClientSnippets::text(int row) const {
    return made(row, m_key);
}

void ClientSnippets::set(const QString &base, const QString &key, const QString &model) {
    if (base == m_base && key == m_key && model == m_model) return;
    m_base = base;
    m_key = key;
    m_model = model;
    Q_EMIT changed();
}

QString ClientSnippets::made(int row, const QString &key) const {
    if (row < 0 || row >= int(snippets.size()) || m_base.isEmpty()) return {};
    // Clients insist on a key and a name; without a key in force any will do.
    const Facts facts{m_base, key.isEmpty() ? QStringLiteral("none") : key,
                      m_model.isEmpty() ? tr("the model's name") : m_model};
    return snippets[std::size_t(row)].lines(facts);
}

}  // namespace millm
