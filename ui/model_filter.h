#pragma once

#include <QHash>
#include <QList>
#include <QSet>
#include <QSortFilterProxyModel>
#include <QtQmlIntegration>

namespace millm {

class ModelList;

/// The rows of the list that search and choices let through, in the order that is chosen (else what is loaded and what is at
/// work, then the newest), a page at a time so that a thousand models do not make a thousand cards, and of a new page first
/// what a window shows: the rest comes by fill(), between frames. GUI thread.
class ModelFilter : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged FINAL)
    Q_PROPERTY(Order order READ order WRITE setOrder NOTIFY choiceChanged FINAL)
    Q_PROPERTY(State state READ state WRITE setState NOTIFY choiceChanged FINAL)
    Q_PROPERTY(Source origin READ origin WRITE setOrigin NOTIFY choiceChanged FINAL)
    Q_PROPERTY(bool narrowed READ narrowed NOTIFY choiceChanged FINAL)
    Q_PROPERTY(bool searchable READ searchable NOTIFY matchesChanged FINAL)
    Q_PROPERTY(int matches READ matches NOTIFY matchesChanged FINAL)
    Q_PROPERTY(int hidden READ hidden NOTIFY matchesChanged FINAL)
    Q_PROPERTY(bool filling READ filling NOTIFY matchesChanged FINAL)
public:
    enum class Order { Standing, Newest, Name, Memory };
    Q_ENUM(Order)
    enum class State { Any, Loaded, Active, Ready, Failed };
    Q_ENUM(State)
    enum class Source { Any, Hub, Local };
    Q_ENUM(Source)

    explicit ModelFilter(ModelList &source, QObject *parent = nullptr);

    QString search() const { return m_search; }
    void setSearch(const QString &search);
    Order order() const { return m_order; }
    void setOrder(Order order);
    State state() const { return m_state; }
    void setState(State state);
    Source origin() const { return m_origin; }
    void setOrigin(Source origin);
    bool narrowed() const { return m_state != State::Any || m_origin != Source::Any || !m_search.trimmed().isEmpty(); }
    Q_INVOKABLE void showAll();                ///< nothing typed, nothing chosen
    bool searchable() const;                   ///< there are more than five models, or something is typed or chosen
    int matches() const { return m_matches; }  ///< rows that the search lets through
    int hidden() const;                        ///< of them, not on the page
    Q_INVOKABLE void showMore();               ///< another page
    bool filling() const;                      ///< rows of the page are not there yet
    Q_INVOKABLE void fill();                   ///< lets the next one come

Q_SIGNALS:
    void searchChanged();
    void choiceChanged();
    void matchesChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    bool lets(const QModelIndex &at) const;
    bool before(const QModelIndex &a, const QModelIndex &b) const;
    void beginPage();
    void choose();
    void chooseAndFilter();
    void onChanged(const QModelIndex &from, const QModelIndex &to);

    ModelList &m_source;
    QString m_search;
    Order m_order = Order::Standing;
    State m_state = State::Any;
    Source m_origin = Source::Any;
    QHash<qint64, QList<QVariant>> m_standing;  ///< by id: what order and choices go by
    QList<qint64> m_page;                       ///< ids of the page's rows, in order
    QSet<qint64> m_shown;                       ///< ids; worked out before the proxy asks about rows
    int m_matches = 0;
    int m_limit;   ///< rows that the page may have
    int m_filled;  ///< of them, rows that may be there already
};

}  // namespace millm
