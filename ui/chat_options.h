#pragma once

#include "core/conversations/conversation.h"

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

/// How the answers of the conversation are made. Values out of their limits become the nearest within. GUI thread.
class ChatOptions : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString system READ system WRITE setSystem NOTIFY changed FINAL)
    Q_PROPERTY(double temperature READ temperature WRITE setTemperature NOTIFY changed FINAL)
    Q_PROPERTY(double topP READ topP WRITE setTopP NOTIFY changed FINAL)
    Q_PROPERTY(int topK READ topK WRITE setTopK NOTIFY changed FINAL)
    Q_PROPERTY(double minP READ minP WRITE setMinP NOTIFY changed FINAL)
    Q_PROPERTY(QString seed READ seed WRITE setSeed NOTIFY changed FINAL)
    Q_PROPERTY(int maxTokens READ maxTokens WRITE setMaxTokens NOTIFY changed FINAL)
public:
    using QObject::QObject;

    const ConversationOptions &value() const { return m_value; }
    void setValue(const ConversationOptions &value);

    QString system() const { return m_value.system; }
    void setSystem(const QString &system);
    double temperature() const { return m_value.temperature; }  ///< 0-2
    void setTemperature(double temperature);
    double topP() const { return m_value.topP; }  ///< 0.01-1
    void setTopP(double topP);
    int topK() const { return m_value.topK; }  ///< 0-1000; 0 = off
    void setTopK(int topK);
    double minP() const { return m_value.minP; }  ///< 0-1
    void setMinP(double minP);
    QString seed() const;  ///< a whole number below 2^64; empty: another one each time
    void setSeed(const QString &seed);
    int maxTokens() const { return m_value.maxTokens; }  ///< of one answer, 1-1048576
    void setMaxTokens(int tokens);

Q_SIGNALS:
    void changed();

private:
    template <class T>
    void set(T &member, const T &value);

    ConversationOptions m_value;
};

}  // namespace millm
