#include "ui/scheme_list.h"

#include "ui/format.h"

#include <algorithm>

namespace millm {

namespace {

// The titles of engine::schemes(), for translators.
[[maybe_unused]] constexpr const char *schemeTitles[]{
    QT_TRANSLATE_NOOP("millm::SchemeList", "Q4 (4-bit) - Recommended"),
    QT_TRANSLATE_NOOP("millm::SchemeList", "Q8 (8-bit)"),
    QT_TRANSLATE_NOOP("millm::SchemeList", "FP16 (Full Precision)"),
};

QString text(std::string_view view) {
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

}  // namespace

int SchemeList::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : static_cast<int>(engine::schemes().size());
}

QHash<int, QByteArray> SchemeList::roleNames() const {
    return {
        {TitleRole, "title"}, {ShortNameRole, "shortName"}, {DiskRole, "disk"}, {MemoryRole, "memory"}, {SavingRole, "saving"},
        {FitRole, "fit"},     {FitTextRole, "fitText"},     {NeedRole, "need"}};
}

QVariant SchemeList::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const int row = index.row();
    switch (role) {
        case Qt::DisplayRole:
        case TitleRole:
            return title(row);
        case ShortNameRole:
            return shortName(row);
        case DiskRole:
            return size(row) ? format::bytes(size(row)->diskBytes) : QString();
        case MemoryRole:
            return size(row) ? format::bytes(size(row)->memory.totalBytes()) : QString();
        case SavingRole:
            return saving(row);
        case FitRole:
            return QVariant::fromValue(fit(row));
        case FitTextRole:
            return fitText(row);
        case NeedRole:
            return need(row);
        default:
            return {};
    }
}

engine::Scheme SchemeList::scheme(int row) const {
    const auto table = engine::schemes();
    return table[static_cast<std::size_t>(std::clamp(row, 0, static_cast<int>(table.size()) - 1))].scheme;
}

QString SchemeList::shortName(int row) const {
    return text(engine::scheme_info(scheme(row)).id);
}

QString SchemeList::title(int row) const {
    return tr(engine::scheme_info(scheme(row)).title.data());
}

const SizeEstimate *SchemeList::size(int row) const {
    if (!m_preview) return nullptr;
    const auto found = std::ranges::find(m_preview->sizes, scheme(row), &SizeEstimate::scheme);
    return found == m_preview->sizes.end() ? nullptr : &*found;
}

/// Against the row that needs most memory, which is what one would load without quantizing.
QString SchemeList::saving(int row) const {
    if (!size(row)) return {};
    const auto largest = std::ranges::max(m_preview->sizes, {}, [](const SizeEstimate &of) {
                             return of.memory.totalBytes();
                         }).memory.totalBytes();
    const qint64 saved = largest - size(row)->memory.totalBytes();
    if (saved <= 0) return {};
    return tr("saves %1").arg(format::percent(100.0 * static_cast<double>(saved) / static_cast<double>(largest)));
}

QString SchemeList::need(int row) const {
    if (!size(row)) return {};
    QStringList parts{tr("%1 disk").arg(format::bytes(size(row)->diskBytes)),
                      tr("%1 memory").arg(format::bytes(size(row)->memory.totalBytes())), saving(row)};
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" • "));
}

SchemeList::Fit SchemeList::fit(int row) const {
    if (!size(row)) return Fit::Unknown;
    if (m_preview->availableDiskBytes > 0 && size(row)->diskBytes > m_preview->availableDiskBytes) return Fit::NoDisk;
    if (m_preview->availableMemoryBytes <= 0) return Fit::Unknown;
    return size(row)->memory.totalBytes() <= m_preview->availableMemoryBytes ? Fit::Fits : Fit::NoMemory;
}

QString SchemeList::fitText(int row) const {
    switch (fit(row)) {
        case Fit::Unknown:
            return {};
        case Fit::Fits:
            return tr("Fits");
        case Fit::NoMemory:
            return tr("Too little memory");
        case Fit::NoDisk:
            return tr("Too little disk space");
    }
    Q_UNREACHABLE_RETURN({});
}

void SchemeList::setPreview(const ModelPreview &preview) {
    m_preview = preview;
    everythingChanged();
}

void SchemeList::clearPreview() {
    if (!m_preview) return;
    m_preview.reset();
    everythingChanged();
}

void SchemeList::everythingChanged() {
    Q_EMIT dataChanged(index(0), index(rowCount() - 1));
    Q_EMIT sizedChanged();
}

}  // namespace millm
