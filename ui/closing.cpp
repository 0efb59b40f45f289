#include "ui/closing.h"

#include "ui/model_list.h"

namespace millm {

Closing::Closing(ModelList &models, QObject *parent) : QObject(parent), m_models(models) {
    connect(&models, &QAbstractItemModel::dataChanged, this, &Closing::look);
    connect(&models, &QAbstractItemModel::rowsInserted, this, &Closing::look);
    connect(&models, &QAbstractItemModel::rowsRemoved, this, &Closing::look);
    connect(&models, &QAbstractItemModel::modelReset, this, &Closing::look);
}

void Closing::setPendingAnswers(int pending) {
    m_pending = pending;
    look();
}

void Closing::look() {
    QStringList work;
    if (const int downloads = m_models.downloading(); downloads > 0) work << tr("%Ln download(s)", nullptr, downloads);
    if (const QString name = m_models.loadingName(); !name.isEmpty()) work << tr("%1 is being loaded").arg(name);
    if (m_pending > 0) work << tr("%Ln answer(s)", nullptr, m_pending);
    const bool ends = !work.isEmpty();
    if (const QString name = m_models.loadedName(); !name.isEmpty()) work << tr("%1 is served to other programs").arg(name);
    if (work == m_work && ends == m_endsByItself) return;
    m_work = work;
    m_endsByItself = ends;
    Q_EMIT changed();
    if (m_finishing && !m_endsByItself) quit();
}

void Closing::finish() {
    m_finishing = true;
    Q_EMIT changed();
    if (!m_endsByItself) quit();
}

void Closing::carryOn() {
    if (!m_finishing) return;
    m_finishing = false;
    Q_EMIT changed();
}

void Closing::quit() {
    Q_EMIT quitAsked();
}

}  // namespace millm
