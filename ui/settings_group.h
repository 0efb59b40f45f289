#pragma once

#include <QAbstractListModel>
#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>
#include <QUrl>
#include <QtQmlIntegration>

#include <functional>

namespace millm {

class SettingsKeeper;

/// Some settings that belong together: what each is called, what it is, and who says so. GUI thread.
class SettingsGroup : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString title READ title NOTIFY titleChanged FINAL)
public:
    /// How a value is entered.
    enum class Kind { Text, Number, Folder, Choice, Switch };
    Q_ENUM(Kind)
    enum class Effect { AtOnce, NextLoad, NextStart, NextLogin };
    enum Role {
        KeyRole = Qt::UserRole + 1,
        KindRole,
        TitleRole,
        HelpRole,
        EffectRole,
        ValueRole,
        FallbackRole,
        SetByRole,
        FaultRole,
        ChoicesRole,
        ChoiceRole
    };

    struct Option {
        QString value, title;
    };
    /// Its words are SettingsForm's, translated when they are shown.
    struct Setting {
        QString key;
        Kind kind = Kind::Text;
        Effect effect = Effect::NextStart;
        const char *title = "", *help = "";
        std::function<QList<Option>()> options = {};  ///< of a Choice; the first one is the default, its value empty
        QString usual = {};                           ///< how the default is spelled by those who write it down
    };

    SettingsGroup(SettingsKeeper &keeper, const char *title, QList<Setting> settings, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    static bool isOn(const QString &value);  ///< of a switch: 1, on, yes, true
    QString title() const;

    /// Keeps what was typed where nothing is wrong with it; else the row says what is.
    Q_INVOKABLE void enter(int row, const QString &text);
    Q_INVOKABLE void enterFolder(int row, const QUrl &folder);
    Q_INVOKABLE void choose(int row, int option);
    Q_INVOKABLE void toggle(int row, bool on);
    /// Options or values may be others now.
    void refresh();

Q_SIGNALS:
    void kept(const QString &key);
    void titleChanged();  ///< in another language

private:
    QString value(int row) const;
    QList<Option> options(int row) const;
    QStringList titles(int row) const;
    int chosen(int row) const;
    void tell(int row);  ///< that its value or its choices may be others

    SettingsKeeper &m_keeper;
    const char *m_title;
    const QList<Setting> m_settings;
    QHash<int, QStringList> m_titles;  ///< of a Choice, as they were told last
    QStringList m_typed, m_faults;     ///< by row; typed: what was refused, so that it can be mended
};

}  // namespace millm
