#include "ui/memory_warning.h"

#include "core/base/errors.h"
#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/model_actions.h"
#include "ui/model_list.h"
#include "ui/toast_list.h"

#include <QLocale>

#include <algorithm>

namespace millm {

MemoryWarning::MemoryWarning(ModelActions &actions, const ModelList &models, ToastList &toasts, QObject *parent)
    : QObject(parent), m_actions(actions), m_models(models), m_toasts(toasts) {}

void MemoryWarning::load(qint64 id) {
    m_actions.checkMemory(id).then(this, [this, id](const Result<MemoryCheck> &check) {
        m_id = id;
        if (!check.ok()) {
            // What is wrong with the files is for the load to find: it stays on the card then, with the button to try again.
            start(false);
            return;
        }
        m_check = check.value();
        Q_EMIT changed();
        if (m_check.fits)
            start(false);
        else
            Q_EMIT wanted();
    });
}

void MemoryWarning::loadAnyway() {
    start(true);
}

void MemoryWarning::start(bool force) {
    m_actions.load(m_id, force).then(this, [this, id = m_id](const Result<Model> &result) {
        if (!result.ok()) m_toasts.show(ToastList::Kind::Error, m_models.about(id, inWords(result.error())));
    });
}

QString MemoryWarning::name() const {
    return m_models.nameOf(m_id);
}

QString MemoryWarning::sentence() const {
    const auto [need, have] = numbers();
    // The words of errors::insufficientMemory, for a person.
    return m_check.gpu
               ? tr("Warning: Model requires ~%1 VRAM, only %2 available. Loading may fail or cause system instability.")
                     .arg(need, have)
               : tr("Warning: Model requires ~%1 memory, only %2 available. Loading may fail or cause system instability.")
                     .arg(need, have);
}

std::pair<QString, QString> MemoryWarning::numbers() const {
    auto [need, have] = errors::needAndHave(m_check.need.memoryBytes, m_check.availableBytes);
    return {need.replace(u'.', QLocale().decimalPoint()), have.replace(u'.', QLocale().decimalPoint())};
}

double MemoryWarning::share(qint64 bytes) const {
    const qint64 whole = std::max({m_check.need.memoryBytes, m_check.availableBytes, qint64{1}});
    return static_cast<double>(bytes) / static_cast<double>(whole);
}

double MemoryWarning::weights() const {
    return share(m_check.need.weightBytes);
}
double MemoryWarning::kvCache() const {
    return share(m_check.need.kvCacheBytes);
}
double MemoryWarning::overhead() const {
    return share(m_check.need.overheadBytes);
}
double MemoryWarning::available() const {
    return share(m_check.availableBytes);
}
QString MemoryWarning::weightsText() const {
    return tr("Weights %1").arg(format::bytes(m_check.need.weightBytes));
}
QString MemoryWarning::kvCacheText() const {
    return tr("KV cache %1").arg(format::bytes(m_check.need.kvCacheBytes));
}
QString MemoryWarning::overheadText() const {
    return tr("Overhead %1").arg(format::bytes(m_check.need.overheadBytes));
}
QString MemoryWarning::availableText() const {
    // In the sentence's words: rounded otherwise, they would be two numbers.
    return tr("Free %1").arg(numbers().second);
}

}  // namespace millm
