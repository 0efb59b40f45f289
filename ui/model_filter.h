#pragma once

#include <QSet>
#include <QSortFilterProxyModel>
#include <QtQmlIntegration>

namespace millm {

class ModelList;

/// The rows of the list that the search box lets through: what is loaded and what is at work, then the newest first, a page at
/// a time so that a thousand models do not make a thousand cards. GUI thread.
class ModelFilter : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged FINAL)
    Q_PROPERTY(bool searchable READ searchable NOTIFY matchesChanged FINAL)
    Q_PROPERTY(int matches READ matches NOTIFY matchesChanged FINAL)
    Q_PROPERTY(int hidden READ hidden NOTIFY matchesChanged FINAL)
public:
    explicit ModelFilter(ModelList &source, QObject *parent = nullptr);

    QString search() const { return m_search; }
    void setSearch(const QString &search);
    bool searchable() const;                   ///< there are more than five models, or something is typed
    int matches() const { return m_matches; }  ///< rows that the search lets through
    int hidden() const;                        ///< of them, not shown yet
    Q_INVOKABLE void showMore();

Q_SIGNALS:
    void searchChanged();
    void matchesChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    void choose();
    void chooseAndFilter();

    ModelList &m_source;
    QString m_search;
    QSet<qint64> m_shown;  ///< ids; worked out before the proxy asks about rows
    int m_matches = 0;
    int m_limit;
};

}  // namespace millm
