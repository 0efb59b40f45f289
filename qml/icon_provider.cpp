#include "qml/icon_provider.h"

#include <QColor>
#include <QFile>
#include <QImage>
#include <QPainter>
#include <QSvgRenderer>

namespace millm {

IconProvider::IconProvider() : QQuickImageProvider(Image) {}

QImage IconProvider::requestImage(const QString &id, QSize *size, const QSize &requestedSize) {
    const auto slash = id.indexOf(u'/');
    const QColor color = QColor::fromString(u'#' + id.mid(slash + 1));
    QFile file(QStringLiteral(":/millm/icons/%1.svg").arg(id.left(slash)));
    if (!color.isValid() || !file.open(QIODevice::ReadOnly)) {
        qWarning("no icon \"%ls\"", qUtf16Printable(id));
        return {};
    }
    QByteArray drawing = file.readAll();
    drawing.replace("#000000", color.name(QColor::HexRgb).toLatin1());
    QSvgRenderer renderer(drawing);
    QImage image(requestedSize.isValid() ? requestedSize : renderer.defaultSize(), QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setOpacity(color.alphaF());
    renderer.render(&painter);
    if (size) *size = image.size();
    return image;
}

}  // namespace millm
