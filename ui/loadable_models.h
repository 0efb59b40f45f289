#pragma once

#include <QSortFilterProxyModel>
#include <QtQmlIntegration>

namespace millm {

class ModelList;

/// The models that can answer at once or after a load, the loaded one first: what the chat page offers. GUI thread.
class LoadableModels : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged FINAL)
    Q_PROPERTY(QString loading READ loading NOTIFY loadingChanged FINAL)
public:
    explicit LoadableModels(ModelList &source, QObject *parent = nullptr);

    int count() const { return rowCount(); }
    QString loading() const { return m_loading; }  ///< the name of the model that is being loaded; empty: none is

Q_SIGNALS:
    void countChanged();
    void loadingChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    void look();

    ModelList &m_source;
    QString m_loading;
};

}  // namespace millm
