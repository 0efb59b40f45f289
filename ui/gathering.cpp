#include "ui/gathering.h"

#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/model_actions.h"
#include "ui/model_list.h"

namespace millm {

Gathering::Gathering(ModelActions &actions, const ModelList &models, QObject *parent) : QObject(parent), m_actions(actions) {
    connect(&models, &ModelList::countChanged, this, &Gathering::refresh);
}

QString Gathering::words() const {
    if (m_elsewhere.models == 0) return {};
    return tr("%Ln model(s), %1, are in another folder.", nullptr, m_elsewhere.models).arg(format::bytes(m_elsewhere.bytes));
}

void Gathering::refresh() {
    m_actions.elsewhere().then(this, [this, asked = ++m_asked](const Elsewhere &found) {
        if (asked != m_asked) return;
        m_elsewhere = found;
        Q_EMIT changed();
    });
}

void Gathering::start() {
    if (m_moving || m_elsewhere.models == 0) return;
    m_moving = true;
    m_progress = 0;
    m_failure.clear();
    Q_EMIT changed();
    Q_EMIT progressChanged();
    m_actions.gather().then(this, [this](const Result<int> &done) {
        m_moving = false;
        // Who cancels knows why.
        if (!done && done.error().code != ErrorCode::Cancelled) m_failure = done.error().message;
        Q_EMIT changed();
        refresh();
    });
}

void Gathering::cancel() {
    if (m_moving) m_actions.stopGathering();
}

void Gathering::setProgress(qint64 done, qint64 total) {
    m_progress = total > 0 ? 100.0 * double(done) / double(total) : 0;
    Q_EMIT progressChanged();
}

}  // namespace millm
