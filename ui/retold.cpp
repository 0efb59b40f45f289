#include "ui/retold.h"

#include <QAbstractItemModel>
#include <QMetaProperty>
#include <QSet>
#include <QVariantList>

namespace millm {

namespace {

bool isWords(const QMetaProperty &property) {
    static const QSet<int> words{QMetaType::QString, QMetaType::QStringList, QMetaType::QVariantList};
    return words.contains(property.metaType().id()) && !property.isWritable() && property.hasNotifySignal();
}

void retell(QObject *told, QSet<QObject *> &seen) {
    if (told == nullptr || seen.contains(told)) return;
    seen.insert(told);
    QSet<int> signalled;
    const QMetaObject &type = *told->metaObject();
    for (int index = 0; index < type.propertyCount(); ++index) {
        const QMetaProperty property = type.property(index);
        const QVariant value = property.read(told);
        if (property.metaType().flags().testFlag(QMetaType::PointerToQObject)) retell(value.value<QObject *>(), seen);
        if (property.metaType().id() == QMetaType::QVariantList)
            for (const QVariant &each : value.toList())
                if (each.metaType().flags().testFlag(QMetaType::PointerToQObject)) retell(each.value<QObject *>(), seen);
        if (isWords(property) && !signalled.contains(property.notifySignalIndex())) {
            signalled.insert(property.notifySignalIndex());
            property.notifySignal().invoke(told, Qt::DirectConnection);
        }
    }
    if (auto *list = qobject_cast<QAbstractItemModel *>(told); list && list->rowCount() > 0)
        Q_EMIT list->dataChanged(list->index(0, 0), list->index(list->rowCount() - 1, 0));
}

}  // namespace

void retell(QObject &viewModel) {
    QSet<QObject *> seen;
    retell(&viewModel, seen);
}

}  // namespace millm
