#include "ui/chat_options.h"

#include "ui/format.h"

#include <algorithm>

namespace millm {

template <class T>
void ChatOptions::set(T &member, const T &value) {
    if (member == value) return;
    member = value;
    Q_EMIT changed();
}

void ChatOptions::setValue(const ConversationOptions &value) {
    set(m_value, value);
}

void ChatOptions::setSystem(const QString &system) {
    set(m_value.system, system);
}

void ChatOptions::setTemperature(double temperature) {
    set(m_value.temperature, std::clamp(temperature, 0.0, 2.0));
}

void ChatOptions::setTopP(double topP) {
    set(m_value.topP, std::clamp(topP, 0.01, 1.0));
}

void ChatOptions::setTopK(int topK) {
    set(m_value.topK, std::clamp(topK, 0, 1000));
}

void ChatOptions::setMinP(double minP) {
    set(m_value.minP, std::clamp(minP, 0.0, 1.0));
}

QString ChatOptions::seed() const {
    return m_value.seed ? format::localized(QString::number(*m_value.seed)) : QString();
}

void ChatOptions::setSeed(const QString &seed) {
    bool whole = false;
    const quint64 number = format::latin(seed.trimmed()).toULongLong(&whole);
    if (whole)
        set(m_value.seed, std::optional(number));
    else if (seed.trimmed().isEmpty())
        set(m_value.seed, std::optional<quint64>());
    else
        Q_EMIT changed();  // the field shows again what holds
}

void ChatOptions::setMaxTokens(int tokens) {
    set(m_value.maxTokens, std::clamp(tokens, 1, 1 << 20));
}

}  // namespace millm
