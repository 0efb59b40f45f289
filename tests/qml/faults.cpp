#include "tests/qml/faults.h"

namespace millm {

QString describe(const QQuickItem *item) {
    return QStringLiteral("%1 \"%2\"")
        .arg(QString::fromLatin1(item->metaObject()->className()), item->property("text").toString().left(60));
}

QStringList cutTexts(const Scene &scene) {
    QStringList found;
    const qreal width = scene.window->width();
    const auto texts = scene.visible([](QQuickItem *item) { return item->inherits("QQuickText"); });
    for (const QQuickItem *item : texts) {
        if (item->property("text").toString().isEmpty() || item->opacity() == 0) continue;
        const QRectF at = item->mapRectToScene(QRectF(0, 0, item->width(), item->height()));
        if (at.left() < -1 || at.right() > width + 1)
            found << QStringLiteral("%1 sticks out: %2 to %3 of %4")
                         .arg(describe(item))
                         .arg(at.left())
                         .arg(at.right())
                         .arg(width);
        const bool elides = item->property("elide").toInt() != Qt::ElideNone;
        if (!elides && item->property("contentWidth").toReal() > item->width() + 1.5)
            found << QStringLiteral("%1 is cut: needs %2, has %3")
                         .arg(describe(item))
                         .arg(item->property("contentWidth").toReal())
                         .arg(item->width());
        if (item->property("contentHeight").toReal() > item->height() + 3)
            found << QStringLiteral("%1 is cut below: needs %2, has %3")
                         .arg(describe(item))
                         .arg(item->property("contentHeight").toReal())
                         .arg(item->height());
    }
    return found;
}

}  // namespace millm
