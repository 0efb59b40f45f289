#include "ui/load_form.h"

#include "core/base/errors.h"
#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/model_actions.h"
#include "ui/model_list.h"
#include "ui/toast_list.h"

#include <algorithm>
#include <limits>

namespace millm {

namespace {

int asInt(qint64 tokens) {
    return static_cast<int>(std::clamp<qint64>(tokens, 0, std::numeric_limits<int>::max()));
}

}  // namespace

LoadForm::LoadForm(ModelActions &actions, const ModelList &models, ToastList &toasts, QObject *parent)
    : QObject(parent), m_actions(actions), m_models(models), m_toasts(toasts) {}

void LoadForm::load(qint64 id) {
    check(id, false);
}

void LoadForm::choose(qint64 id) {
    check(id, true);
}

void LoadForm::check(qint64 id, bool asks) {
    m_actions.checkMemory(id).then(this, [this, id, asks](const Result<QList<MemoryCheck>> &checks) {
        m_id = id;
        if (!checks.ok() || checks.value().isEmpty()) {
            // What is wrong with the files is for the load to find: it stays on the card then, with the button to try again.
            begin({});
            return;
        }
        m_checks = checks.value();
        const auto last = std::ranges::find(m_checks, m_models.wishedDeviceOf(id), &MemoryCheck::device);
        m_device = last == m_checks.end() ? 0 : static_cast<int>(last - m_checks.begin());
        m_contextLength = now().need.contextLength;
        Q_EMIT changed();
        if (asks || !fits())
            Q_EMIT wanted();
        else
            begin({});
    });
}

void LoadForm::start() {
    LoadRequest request;
    request.force = !fits();
    request.contextLength = m_contextLength == now().usualContext ? 0 : m_contextLength;
    request.device = m_device > 0 ? now().device : QString();
    begin(request);
}

void LoadForm::begin(const LoadRequest &request) {
    m_actions.load(m_id, request).then(this, [this, id = m_id](const Result<Model> &result) {
        if (!result.ok()) m_toasts.show(ToastList::Kind::Error, m_models.about(id, inWords(result.error())));
    });
}

const MemoryCheck &LoadForm::now() const {
    static const MemoryCheck none;
    return m_device < m_checks.size() ? m_checks[m_device] : none;
}

QString LoadForm::name() const {
    return m_models.nameOf(m_id);
}

bool LoadForm::fits() const {
    return need().totalBytes() <= now().availableBytes();
}

QString LoadForm::sentence() const {
    const auto [needed, free] = numbers();
    if (fits()) return tr("It takes %1 of %2 that are free.").arg(needed, free);
    // The words of errors::insufficientMemory, for a person.
    return now().gpu
               ? tr("Warning: Model requires ~%1 VRAM, only %2 available. Loading may fail or cause system instability.")
                     .arg(needed, free)
               : tr("Warning: Model requires ~%1 memory, only %2 available. Loading may fail or cause system instability.")
                     .arg(needed, free);
}

QString LoadForm::givenBackText() const {
    const QString loaded = m_models.loadedName();
    if (now().givenBackBytes <= 0 || loaded.isEmpty()) return {};
    return tr("%1 is unloaded first, which frees %2.").arg(loaded, format::bytes(now().givenBackBytes));
}

QStringList LoadForm::devices() const {
    QStringList list;
    for (const MemoryCheck &check : m_checks) {
        const QString kind = check.gpu ? tr("GPU %1").arg(check.device.section(QLatin1Char(':'), 1)) : tr("CPU");
        list << (check.deviceName.isEmpty() ? kind : QStringLiteral("%1 (%2)").arg(kind, check.deviceName));
    }
    return list;
}

void LoadForm::setDevice(int index) {
    if (index == m_device || index < 0 || index >= m_checks.size()) return;
    // A context that nobody chose is the other device's own.
    const bool chosen = m_contextLength != now().need.contextLength;
    m_device = index;
    m_contextLength = chosen ? std::min(m_contextLength, now().longestContext) : now().need.contextLength;
    Q_EMIT changed();
}

int LoadForm::contextLength() const {
    return asInt(m_contextLength);
}

void LoadForm::setContextLength(int tokens) {
    const qint64 within = std::clamp<qint64>(tokens, 1, std::max<qint64>(1, now().longestContext));
    if (within == m_contextLength) return;
    m_contextLength = within;
    Q_EMIT changed();
}

int LoadForm::usualContext() const {
    return asInt(now().usualContext);
}

int LoadForm::longestContext() const {
    return asInt(std::max<qint64>(1, now().longestContext));
}

QString LoadForm::contextText() const {
    return tr("%Ln tokens, %1 of memory", nullptr, contextLength()).arg(format::bytes(need().kvCacheBytes));
}

std::pair<QString, QString> LoadForm::numbers() const {
    const auto [needed, free] = errors::needAndHave(need().totalBytes(), now().availableBytes());
    return {format::gigabytes(needed), format::gigabytes(free)};
}

double LoadForm::share(qint64 bytes) const {
    const qint64 whole = std::max({need().totalBytes(), now().availableBytes(), qint64{1}});
    return static_cast<double>(bytes) / static_cast<double>(whole);
}

QList<double> LoadForm::parts() const {
    const MemoryUse memory = need();
    return {share(memory.weightBytes), share(memory.kvCacheBytes), share(memory.workspaceBytes), share(memory.deviceBytes)};
}

QStringList LoadForm::partTexts() const {
    const MemoryUse memory = need();
    return {tr("Weights %1").arg(format::bytes(memory.weightBytes)), tr("KV cache %1").arg(format::bytes(memory.kvCacheBytes)),
            tr("Workspace %1").arg(format::bytes(memory.workspaceBytes)),
            now().gpu ? tr("GPU's own %1").arg(format::bytes(memory.deviceBytes))
                      : tr("Engine %1").arg(format::bytes(memory.deviceBytes))};
}

double LoadForm::available() const {
    return share(now().availableBytes());
}

QString LoadForm::availableText() const {
    // In the sentence's words: rounded otherwise, they would be two numbers.
    return tr("Free %1").arg(numbers().second);
}

}  // namespace millm
