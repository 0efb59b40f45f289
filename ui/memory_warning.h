#pragma once

#include "core/models/model.h"

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

#include <utility>

namespace millm {

class ModelActions;
class ModelList;
class ToastList;

/// Loads a model after it has looked whether it fits; where it does not, asks first. GUI thread.
class MemoryWarning : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString name READ name NOTIFY changed FINAL)
    Q_PROPERTY(QString sentence READ sentence NOTIFY changed FINAL)
    Q_PROPERTY(double weights READ weights NOTIFY changed FINAL)
    Q_PROPERTY(double kvCache READ kvCache NOTIFY changed FINAL)
    Q_PROPERTY(double overhead READ overhead NOTIFY changed FINAL)
    Q_PROPERTY(double available READ available NOTIFY changed FINAL)
    Q_PROPERTY(QString weightsText READ weightsText NOTIFY changed FINAL)
    Q_PROPERTY(QString kvCacheText READ kvCacheText NOTIFY changed FINAL)
    Q_PROPERTY(QString overheadText READ overheadText NOTIFY changed FINAL)
    Q_PROPERTY(QString availableText READ availableText NOTIFY changed FINAL)
public:
    MemoryWarning(ModelActions &actions, const ModelList &models, ToastList &toasts, QObject *parent = nullptr);

    QString name() const;      ///< of the model that may not fit
    QString sentence() const;  ///< EC-1.2's
    double weights() const;    ///< parts of the bar, 0-1 of the larger of need and free
    double kvCache() const;
    double overhead() const;
    double available() const;  ///< where on that bar the free memory ends
    QString weightsText() const;
    QString kvCacheText() const;
    QString overheadText() const;
    QString availableText() const;

    Q_INVOKABLE void load(qint64 id);
    Q_INVOKABLE void loadAnyway();

Q_SIGNALS:
    void changed();
    void wanted();  ///< the dialog should open

private:
    void start(bool force);
    double share(qint64 bytes) const;
    std::pair<QString, QString> numbers() const;  ///< needed, free: errors::needAndHave with the signs of the default locale

    ModelActions &m_actions;
    const ModelList &m_models;
    ToastList &m_toasts;
    qint64 m_id = 0;
    MemoryCheck m_check;
};

}  // namespace millm
