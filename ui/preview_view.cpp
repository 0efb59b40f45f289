#include "ui/preview_view.h"

#include "ui/format.h"
#include "ui/packing.h"

#include <utility>

namespace millm {

PreviewView::PreviewView(QUrl hubEndpoint, QObject *parent) : QObject(parent), m_hubEndpoint(std::move(hubEndpoint)) {}

void PreviewView::setPreview(const ModelPreview &preview) {
    m_preview = preview;
    Q_EMIT changed();
}

QString PreviewView::params() const {
    return m_preview.params.isEmpty() ? tr("unknown") : format::localized(m_preview.params);
}

QString PreviewView::architecture() const {
    return m_preview.architecture.isEmpty() ? tr("unknown") : m_preview.architecture;
}

QString PreviewView::license() const {
    return m_preview.license.isEmpty() ? tr("not given") : m_preview.license;
}

QString PreviewView::contextText() const {
    return m_preview.contextLength > 0 ? tr("%1 tokens").arg(format::number(m_preview.contextLength)) : tr("unknown");
}

QString PreviewView::downloadText() const {
    return m_preview.downloadBytes > 0 ? format::bytes(m_preview.downloadBytes) : tr("unknown");
}

QString PreviewView::freeText() const {
    return tr("Free now: %1 memory, %2 disk")
        .arg(format::bytes(m_preview.availableMemoryBytes), format::bytes(m_preview.availableDiskBytes));
}

QString PreviewView::packed() const {
    return m_preview.supported ? packing::sentence(m_preview.quantizedForm) : QString();
}

QUrl PreviewView::pageOf(const QString &repoId) const {
    if (m_hubEndpoint.isEmpty() || repoId.isEmpty()) return {};
    QUrl page = m_hubEndpoint;
    page.setPath(m_hubEndpoint.path() + u'/' + repoId);
    return page;
}

}  // namespace millm
