#pragma once

#include "core/inference/answer_parser.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

#include <vector>

namespace millm {

/// The text of an answer while it comes: reasoning told apart, handed on no more often than one reads, spoken by the sentence.
/// GUI thread.
class AnswerStream : public QObject {
    Q_OBJECT
public:
    explicit AnswerStream(QObject *parent = nullptr);

    void begin();                                      ///< another answer; its clock starts
    void expect(bool reasoning, bool opensReasoning);  ///< what its text may hold, and whether it begins inside of reasoning
    void push(const QString &text);
    void finish();                                          ///< all that is left is handed on and spoken
    double firstSeconds() const { return m_firstSeconds; }  ///< from begin() to the first text; 0: none has come

Q_SIGNALS:
    void came(const QString &reasoning, const QString &text);  ///< one of them may be empty
    void spoken(const QString &sentences);

private:
    void take(const std::vector<AnswerPart> &parts);
    void handOn();
    void speak(bool all);

    AnswerParser m_parser{AnswerOptions()};
    QElapsedTimer m_clock;
    double m_firstSeconds = 0;
    QString m_text, m_reasoning;  ///< arrived and not handed on yet
    QString m_unsaid;             ///< handed on and not spoken yet
    QTimer m_pause;               ///< between two times that something is handed on
};

}  // namespace millm
