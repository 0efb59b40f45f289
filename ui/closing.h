#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

namespace millm {

class ModelList;

/// What the end of the program would cut, and how it ends. GUI thread.
class Closing : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QStringList work READ work NOTIFY changed FINAL)
    Q_PROPERTY(bool endsByItself READ endsByItself NOTIFY changed FINAL)
    Q_PROPERTY(bool finishing READ finishing NOTIFY changed FINAL)
public:
    explicit Closing(ModelList &models, QObject *parent = nullptr);

    QStringList work() const { return m_work; }           ///< sentences; empty: nothing is under way
    bool endsByItself() const { return m_endsByItself; }  ///< there is what one can wait for: downloads, a load, answers
    bool finishing() const { return m_finishing; }        ///< the program ends when that is done
    Q_INVOKABLE void finish();
    Q_INVOKABLE void carryOn();  ///< the program stays after all
    Q_INVOKABLE void quit();

public Q_SLOTS:
    void setPendingAnswers(int pending);

Q_SIGNALS:
    void changed();
    void quitAsked();

private:
    void look();

    ModelList &m_models;
    QStringList m_work;
    int m_pending = 0;  ///< answers under way, to the window and to clients
    bool m_endsByItself = false, m_finishing = false;
};

}  // namespace millm
