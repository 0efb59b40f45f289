#include "core/server/openai/logprobs_json.h"

#include <QStringDecoder>

#include <algorithm>
#include <cmath>

namespace millm::openai {
namespace {

using namespace Qt::StringLiterals;

QJsonArray bytesOf(const TokenScore &token) {
    QJsonArray bytes;
    for (const char byte : token.bytes) bytes.append(static_cast<int>(static_cast<unsigned char>(byte)));
    return bytes;
}

QJsonObject chatToken(const TokenScore &token) {
    return {{u"token"_s, QString::fromUtf8(token.bytes)}, {u"logprob"_s, finite(token.logprob)}, {u"bytes"_s, bytesOf(token)}};
}

/// A token as text; one that is no whole UTF-8 is spelt in bytes, as OpenAI does, so that two of them differ.
QString spelling(const TokenScore &token) {
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(token.bytes);
    if (!decoder.hasError() && !text.contains(QChar::ReplacementCharacter)) return text;
    QString spelt = u"bytes:"_s;
    for (const char byte : token.bytes)
        spelt += u"\\x"_s + QString::number(static_cast<unsigned char>(byte), 16).rightJustified(2, u'0');
    return spelt;
}

qint64 characters(QByteArrayView utf8) {
    qint64 count = 0;
    for (const char byte : utf8) count += (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
    return count;
}

}  // namespace

double finite(float logprob) {
    return std::isfinite(logprob) ? static_cast<double>(logprob) : -9999.0;
}

QJsonArray chatScores(const QList<ScoredToken> &tokens) {
    QJsonArray content;
    for (const ScoredToken &token : tokens) {
        QJsonObject entry = chatToken(token);
        QJsonArray top;
        for (const TokenScore &other : token.top) top.append(chatToken(other));
        entry.insert(u"top_logprobs"_s, top);
        content.append(entry);
    }
    return content;
}

QJsonArray promptScores(const QList<ScoredToken> &tokens, int top) {
    const auto entry = [](const TokenScore &token, const QJsonValue &rank) {
        return QJsonObject{
            {u"logprob"_s, finite(token.logprob)}, {u"rank"_s, rank}, {u"decoded_token"_s, QString::fromUtf8(token.bytes)}};
    };
    QJsonArray list;
    for (const ScoredToken &token : tokens) {
        QJsonObject scores{{QString::number(token.id), entry(token, QJsonValue::Null)}};
        for (qsizetype i = 0; i < token.top.size(); ++i)
            if (i < top || token.top[i].id == token.id)
                scores.insert(QString::number(token.top[i].id), entry(token.top[i], i + 1));
        list.append(list.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(scores));
    }
    return list;
}

void CompletionLogprobs::append(const QList<ScoredToken> &tokens, const QByteArray &text, qsizetype unscored) {
    const qint64 start = m_offset;
    qsizetype cursor = 0;  // in bytes of `text`
    for (qsizetype i = 0; i < tokens.size(); ++i) {
        const ScoredToken &token = tokens[i];
        const QString word = spelling(token);
        m_tokens.append(word);
        m_offsets.append(start + characters(QByteArrayView(text).first(cursor)));
        m_logprobs.append(i < unscored ? QJsonValue(QJsonValue::Null) : QJsonValue(finite(token.logprob)));
        QJsonObject top;
        // More are known where the prompt's own scores ask for more.
        for (const TokenScore &other : token.top.first(std::min<qsizetype>(std::max(m_top, 0), token.top.size())))
            top.insert(spelling(other), finite(other.logprob));
        if (m_top > 0 && i >= unscored && !top.contains(word)) top.insert(word, finite(token.logprob));
        m_tops.append(i < unscored || m_top <= 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(top));
        // A token that the text does not show (special ones, a stop string's) takes no room in it.
        const QByteArrayView rest = QByteArrayView(text).sliced(cursor);
        if (rest.startsWith(token.bytes))
            cursor += token.bytes.size();
        else if (token.bytes.startsWith(' ') && rest.startsWith(QByteArrayView(token.bytes).sliced(1)))
            cursor += token.bytes.size() - 1;
    }
    m_offset = start + characters(text);
}

QJsonObject CompletionLogprobs::take() {
    QJsonObject object{{u"tokens"_s, std::exchange(m_tokens, {})},
                       {u"token_logprobs"_s, std::exchange(m_logprobs, {})},
                       {u"top_logprobs"_s, m_top > 0 ? QJsonValue(m_tops) : QJsonValue(QJsonValue::Null)},
                       {u"text_offset"_s, std::exchange(m_offsets, {})}};
    m_tops = {};
    return object;
}

}  // namespace millm::openai
