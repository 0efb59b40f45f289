#pragma once

#include "core/base/server_address.h"
#include "ui/server_state.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

namespace millm {

class ServerActions;
class SettingsKeeper;
class ToastList;

/// Where the server listens and what key it asks for: as it is, as it is to be, and the step between. GUI thread.
class ServerControls : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString port READ port WRITE setPort NOTIFY changed FINAL)
    Q_PROPERTY(QString portError READ portError NOTIFY changed FINAL)
    Q_PROPERTY(QString key READ key WRITE setKey NOTIFY changed FINAL)
    Q_PROPERTY(QString keySetBy READ keySetBy CONSTANT FINAL)
    Q_PROPERTY(QString otherKeys READ otherKeys NOTIFY changed FINAL)
    Q_PROPERTY(QString keyError READ keyError NOTIFY changed FINAL)
    Q_PROPERTY(bool localNetwork READ localNetwork WRITE setLocalNetwork NOTIFY changed FINAL)
    Q_PROPERTY(QString failure READ failure NOTIFY changed FINAL)
    Q_PROPERTY(int otherPort READ otherPort NOTIFY changed FINAL)
    Q_PROPERTY(bool different READ different NOTIFY changed FINAL)
    Q_PROPERTY(bool valid READ valid NOTIFY changed FINAL)
    Q_PROPERTY(bool busy READ busy NOTIFY changed FINAL)
    Q_PROPERTY(QString overridden READ overridden NOTIFY changed FINAL)
    Q_PROPERTY(QStringList addresses READ addresses NOTIFY changed FINAL)
public:
    /// What the server starts with.
    struct Start {
        ServerAddress address{.key = QString()};
        int otherKeys = 0;  ///< that clients may send beside that of `address`
    };
    ServerControls(ServerActions &actions, SettingsKeeper &keeper, ServerState &state, ToastList &toasts, const Start &start,
                   QObject *parent = nullptr);

    QString port() const { return m_port; }  ///< as typed
    void setPort(const QString &text);
    QString portError() const;
    QString key() const { return m_wanted.key.value_or(QString()); }
    void setKey(const QString &key);
    QString keyError() const;   ///< the network without a key
    QString keySetBy() const;   ///< "MILLM_API_KEY": what sets the key, so that it is neither shown nor changed here
    QString otherKeys() const;  ///< "2 more keys are accepted…"; empty: none
    bool localNetwork() const;
    void setLocalNetwork(bool open);
    QString failure() const;  ///< why the last restart, or the start, failed
    int otherPort() const;    ///< what to try where the port is taken
    bool different() const;   ///< from what is in force
    bool valid() const { return portError().isEmpty() && keyError().isEmpty(); }
    bool busy() const { return m_busy; }
    /// "The port is set by MILLM_PORT…": what of it counts again at the next start; empty: nothing.
    QString overridden() const;
    /// What clients call it by: on this machine, and on others where they may.
    QStringList addresses() const;
    const ServerAddress &inForce() const { return m_now; }

    Q_INVOKABLE void makeKey();
    Q_INVOKABLE void restart();  ///< with what is wanted
    Q_INVOKABLE void useOtherPort();
    Q_INVOKABLE void stop();
    Q_INVOKABLE void copy(const QString &text);

Q_SIGNALS:
    void changed();

private:
    QString portTyped() const;  ///< in Latin digits, whichever it was typed with
    void onState();
    void keep();

    ServerActions &m_actions;
    SettingsKeeper &m_keeper;
    ServerState &m_state;
    ToastList &m_toasts;
    ServerAddress m_now, m_wanted;
    QString m_port, m_failure;
    const int m_otherKeys;
    bool m_busy = false;
};

}  // namespace millm
