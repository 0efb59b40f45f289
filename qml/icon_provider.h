#pragma once

#include <QQuickImageProvider>

namespace millm {

/// Draws the program's stroke icons in any colour: "image://icon/NAME/RRGGBB" or "…/AARRGGBB". Any thread.
class IconProvider : public QQuickImageProvider {
public:
    IconProvider();
    QImage requestImage(const QString &id, QSize *size, const QSize &requestedSize) override;
};

}  // namespace millm
