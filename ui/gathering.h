#pragma once

#include "core/models/model.h"
#include "ui/error_words.h"

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

class ModelActions;
class ModelList;

/// Models that lie in another folder than downloads go to, and their way there. GUI thread.
class Gathering : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(int count READ count NOTIFY changed FINAL)
    Q_PROPERTY(QString words READ words NOTIFY changed FINAL)
    Q_PROPERTY(bool moving READ moving NOTIFY changed FINAL)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged FINAL)
    Q_PROPERTY(QString failure READ failure NOTIFY changed FINAL)
public:
    Gathering(ModelActions &actions, const ModelList &models, QObject *parent = nullptr);

    int count() const { return m_elsewhere.models; }
    QString words() const;  ///< "2 models (4.2 GB) lie in other folders."; empty where none does
    bool moving() const { return m_moving; }
    double progress() const { return m_progress; }          ///< 0-100
    QString failure() const { return inWords(m_failure); }  ///< why the last try moved nothing
    Q_INVOKABLE void start();
    Q_INVOKABLE void cancel();
    void refresh();  ///< the folder is another one, or the models are

public Q_SLOTS:
    void setProgress(qint64 done, qint64 total);

Q_SIGNALS:
    void changed();
    void progressChanged();

private:
    ModelActions &m_actions;
    Elsewhere m_elsewhere;
    QString m_failure;
    double m_progress = 0;
    int m_asked = 0;  ///< counts questions: only the last one's answer counts
    bool m_moving = false;
};

}  // namespace millm
