#pragma once

#include "ui/settings_group.h"

#include <QObject>
#include <QString>
#include <QVariantList>
#include <QtQmlIntegration>

#include <memory>
#include <vector>

namespace millm {

class ModelList;

/// The settings that the window offers, in groups. GUI thread.
class SettingsForm : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QVariantList groups READ groupObjects CONSTANT FINAL)
    Q_PROPERTY(bool keeping READ keeping CONSTANT FINAL)
    Q_PROPERTY(bool keepInTray READ keepInTray NOTIFY keepInTrayChanged FINAL)
    Q_PROPERTY(QString token READ token WRITE setToken NOTIFY tokenChanged FINAL)
public:
    SettingsForm(SettingsKeeper &keeper, const ModelList &models, QObject *parent = nullptr);

    QList<SettingsGroup *> groups() const;
    QVariantList groupObjects() const;  ///< the same
    bool keeping() const;               ///< false: what is changed lasts until the program ends
    bool keepInTray() const;            ///< closing the window leaves the program in the tray
    double scale() const;               ///< of texts and controls; 1 where nobody chose
    QString token() const { return m_token; }
    /// Of the Hub, until the program ends; empty: the one it started with.
    void setToken(const QString &token);
    /// "Q4": what a download takes if nobody says otherwise; empty: the table's first.
    QString defaultQuantization() const;

Q_SIGNALS:
    void tokenChanged();
    void defaultQuantizationChanged();
    void keepInTrayChanged();
    void scaleChanged();
    void folderChanged();  ///< of downloads

private:
    void add(const char *title, const QList<SettingsGroup::Setting> &settings);

    SettingsKeeper &m_keeper;
    std::vector<std::unique_ptr<SettingsGroup>> m_groups;
    QString m_token;
};

}  // namespace millm
