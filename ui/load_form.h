#pragma once

#include "core/models/model.h"

#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

#include <utility>

namespace millm {

class ModelActions;
class ModelList;
class ToastList;

/// How a model is loaded: with which context, to which device, and what that takes of the memory. Loads at once what fits, asks
/// where it does not or somebody wants to choose. GUI thread.
class LoadForm : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString name READ name NOTIFY changed FINAL)
    Q_PROPERTY(bool fits READ fits NOTIFY changed FINAL)
    Q_PROPERTY(QString sentence READ sentence NOTIFY changed FINAL)
    Q_PROPERTY(QString givenBackText READ givenBackText NOTIFY changed FINAL)
    Q_PROPERTY(QStringList devices READ devices NOTIFY changed FINAL)
    Q_PROPERTY(int device READ device WRITE setDevice NOTIFY changed FINAL)
    Q_PROPERTY(int contextLength READ contextLength WRITE setContextLength NOTIFY changed FINAL)
    Q_PROPERTY(int usualContext READ usualContext NOTIFY changed FINAL)
    Q_PROPERTY(int longestContext READ longestContext NOTIFY changed FINAL)
    Q_PROPERTY(QString contextText READ contextText NOTIFY changed FINAL)
    Q_PROPERTY(QList<double> parts READ parts NOTIFY changed FINAL)
    Q_PROPERTY(QStringList partTexts READ partTexts NOTIFY changed FINAL)
    Q_PROPERTY(double available READ available NOTIFY changed FINAL)
    Q_PROPERTY(QString availableText READ availableText NOTIFY changed FINAL)
public:
    LoadForm(ModelActions &actions, const ModelList &models, ToastList &toasts, QObject *parent = nullptr);

    QString name() const;  ///< of the model
    bool fits() const;
    QString sentence() const;       ///< EC-1.2's; what it takes of what is there, where it fits
    QString givenBackText() const;  ///< "gemma-2-2b is unloaded first, which frees 1.8 GB"; empty where nothing is loaded
    QStringList devices() const;    ///< "CPU (AMD EPYC)"
    int device() const { return m_device; }
    void setDevice(int index);
    int contextLength() const;  ///< tokens
    void setContextLength(int tokens);
    int usualContext() const;  ///< what a load takes where nobody chooses
    int longestContext() const;
    QString contextText() const;    ///< "4,096 tokens: 400 MB of KV cache"
    QList<double> parts() const;    ///< of the bar, in order: 0-1 of the larger of need and what is there
    QStringList partTexts() const;  ///< the same in words
    double available() const;       ///< where on that bar the memory ends that is there
    QString availableText() const;

    Q_INVOKABLE void load(qint64 id);    ///< at once where it fits, as the last time
    Q_INVOKABLE void choose(qint64 id);  ///< wanted() follows
    Q_INVOKABLE void start();            ///< with what is chosen, though it may not fit

Q_SIGNALS:
    void changed();
    void wanted();  ///< the dialog should open

private:
    void check(qint64 id, bool asks);
    void begin(const LoadRequest &request);
    const MemoryCheck &now() const;
    MemoryUse need() const { return now().needAt(m_contextLength); }
    double share(qint64 bytes) const;
    std::pair<QString, QString> numbers() const;  ///< needed, free: errors::needAndHave with the signs of the default locale

    ModelActions &m_actions;
    const ModelList &m_models;
    ToastList &m_toasts;
    qint64 m_id = 0;
    QList<MemoryCheck> m_checks;  ///< one a device
    int m_device = 0;
    qint64 m_contextLength = 0;
};

}  // namespace millm
