#pragma once

#include "core/models/model.h"

#include <QAbstractListModel>
#include <QList>
#include <QtQmlIntegration>

#include <optional>

namespace millm {

/// The engine's quantizations, one row each in the table's order; after a preview with what each takes of disk and memory.
/// GUI thread.
class SchemeList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(bool sized READ sized NOTIFY sizedChanged FINAL)
public:
    enum class Fit { Unknown, Fits, NoMemory, NoDisk };
    Q_ENUM(Fit)
    enum Role { TitleRole = Qt::UserRole + 1, ShortNameRole, DiskRole, MemoryRole, SavingRole, FitRole, FitTextRole, NeedRole };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    bool sized() const { return m_preview.has_value(); }
    engine::Scheme scheme(int row) const;
    Q_INVOKABLE QString shortName(int row) const;  ///< "Q4"
    Q_INVOKABLE QString title(int row) const;      ///< "Q4 (4-bit) - Recommended"
    Q_INVOKABLE QString need(int row) const;       ///< "1.6 GB disk • 1.8 GB memory • saves 66%"; empty before a preview
    Fit fit(int row) const;

    void setPreview(const ModelPreview &preview);
    void clearPreview();

Q_SIGNALS:
    void sizedChanged();

private:
    const SizeEstimate *size(int row) const;
    QString saving(int row) const;
    QString fitText(int row) const;
    void everythingChanged();

    std::optional<ModelPreview> m_preview;
};

}  // namespace millm
