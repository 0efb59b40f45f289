#include "core/conversations/conversation.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cmath>

namespace millm {

namespace {

using namespace Qt::StringLiterals;

/// A number within its limits, or what stood there before.
template <class T>
void take(const QJsonObject &from, QLatin1StringView name, T least, T most, T &into) {
    const double value = from[name].toDouble(std::nan(""));
    if (value >= double(least) && value <= double(most)) into = static_cast<T>(value);
}

QJsonObject object(const QByteArray &json) {
    return QJsonDocument::fromJson(json).object();
}

QByteArray text(const QJsonObject &object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

}  // namespace

QByteArray ConversationOptions::toJson() const {
    QJsonObject json{{u"temperature"_s, temperature},
                     {u"top_p"_s, topP},
                     {u"top_k"_s, topK},
                     {u"min_p"_s, minP},
                     {u"max_tokens"_s, maxTokens}};
    if (!system.isEmpty()) json[u"system"_s] = system;
    // As text: a double has no room for 64 bits.
    if (seed) json[u"seed"_s] = QString::number(*seed);
    return text(json);
}

ConversationOptions ConversationOptions::fromJson(const QByteArray &json) {
    const QJsonObject from = object(json);
    ConversationOptions options;
    options.system = from["system"_L1].toString();
    take(from, "temperature"_L1, 0.0, 2.0, options.temperature);
    take(from, "top_p"_L1, 0.01, 1.0, options.topP);
    take(from, "top_k"_L1, 0, 1000, options.topK);
    take(from, "min_p"_L1, 0.0, 1.0, options.minP);
    take(from, "max_tokens"_L1, 1, 1 << 20, options.maxTokens);
    bool whole = false;
    if (const quint64 seed = from["seed"_L1].toString().toULongLong(&whole); whole) options.seed = seed;
    return options;
}

QByteArray AnswerFigures::toJson() const {
    return text({{u"tokens"_s, tokens},
                 {u"prompt_tokens"_s, promptTokens},
                 {u"context_length"_s, contextLength},
                 {u"seconds"_s, seconds},
                 {u"first_seconds"_s, firstSeconds},
                 {u"end"_s, int(end)}});
}

AnswerFigures AnswerFigures::fromJson(const QByteArray &json) {
    constexpr qint64 most = qint64(1) << 40;
    const QJsonObject from = object(json);
    AnswerFigures figures;
    take(from, "tokens"_L1, qint64(0), most, figures.tokens);
    take(from, "prompt_tokens"_L1, qint64(0), most, figures.promptTokens);
    take(from, "context_length"_L1, qint64(0), most, figures.contextLength);
    take(from, "seconds"_L1, 0.0, 1e9, figures.seconds);
    take(from, "first_seconds"_L1, 0.0, 1e9, figures.firstSeconds);
    int end = 0;
    take(from, "end"_L1, 0, int(End::Unloaded), end);
    figures.end = static_cast<End>(end);
    return figures;
}

const Turn *Conversation::turn(int number) const {
    const auto found = std::ranges::lower_bound(m_turns, number, {}, &Turn::number);
    return found != m_turns.end() && found->number == number ? &*found : nullptr;
}

Turn *Conversation::turn(int number) {
    const Turn *found = std::as_const(*this).turn(number);
    return found ? &m_turns[found - m_turns.constData()] : nullptr;
}

int Conversation::append(int parent, Turn turn) {
    turn.number = m_turns.isEmpty() ? 1 : m_turns.last().number + 1;
    turn.parent = parent;
    m_turns.append(std::move(turn));
    return m_end = m_turns.last().number;
}

QList<int> Conversation::pathTo(int number) const {
    QList<int> path;
    // Parents come before their children: each step goes to a smaller number.
    for (const Turn *at = turn(number); at; at = turn(at->parent)) path.prepend(at->number);
    return path;
}

QList<int> Conversation::siblings(int number) const {
    const Turn *one = turn(number);
    QList<int> all;
    for (const Turn &other : m_turns)
        if (one && other.parent == one->parent) all << other.number;
    return all;
}

void Conversation::show(int number) {
    if (!turn(number)) return;
    m_end = number;
    for (const Turn &later : m_turns)
        if (later.parent == m_end) {
            const QList<int> all = siblings(later.number);
            m_end = all.last();
        }
}

void Conversation::restore(const QList<Turn> &turns, int end) {
    m_turns.clear();
    for (const Turn &one : turns) {
        const int last = m_turns.isEmpty() ? 0 : m_turns.last().number;
        if (one.number > last && (one.parent == 0 || turn(one.parent))) m_turns.append(one);
    }
    m_end = turn(end) ? end : 0;
    if (m_end == 0 && !m_turns.isEmpty()) m_end = m_turns.last().number;
}

QString Conversation::titleOf(const QString &text) {
    constexpr qsizetype most = 60;
    const QString line = text.trimmed().section(u'\n', 0, 0).simplified();
    if (line.size() <= most) return line;
    // At a word's end where one is near, never inside of a pair of surrogates.
    qsizetype cut = line.lastIndexOf(u' ', most);
    if (cut < most / 2) cut = most;
    if (line[cut - 1].isHighSurrogate()) --cut;
    return line.first(cut) + u'…';
}

}  // namespace millm
