#include "ui/settings_form.h"

#include "ui/model_list.h"
#include "ui/scheme_list.h"
#include "ui/settings_keeper.h"

namespace millm {
namespace {

using Kind = SettingsGroup::Kind;
using Effect = SettingsGroup::Effect;
using Option = SettingsGroup::Option;

const QString quantizationKey = QStringLiteral("quantization"), folderKey = QStringLiteral("model-cache-dir"),
              trayKey = QStringLiteral("MILLM_KEEP_IN_TRAY");

std::function<QList<Option>()> fixed(const QList<Option> &options) {
    return [options] { return options; };
}

/// The schemes of the engine's table; the first one is what counts where nobody chose.
QList<Option> quantizations() {
    const SchemeList schemes;
    QList<Option> options;
    for (int row = 0; row < schemes.rowCount(); ++row)
        options << Option{row == 0 ? QString() : schemes.shortName(row), schemes.title(row)};
    return options;
}

QList<Option> startModels(const ModelList &models) {
    QList<Option> options{{QString(), SettingsForm::tr("None")}};
    for (int row = 0; row < models.rowCount(); ++row) {
        const QString name = models.index(row).data(ModelList::NameRole).toString();
        options << Option{name, name};
    }
    return options;
}

}  // namespace

SettingsForm::SettingsForm(SettingsKeeper &keeper, const ModelList &models, QObject *parent)
    : QObject(parent), m_keeper(keeper) {
    // Append a row for another setting.
    add(tr("Models"),
        {{folderKey, Kind::Folder, Effect::AtOnce, tr("Folder of downloaded models"),
          tr("For new downloads; models that are there already stay where they are.")},
         {quantizationKey, Kind::Choice, Effect::AtOnce, tr("Quantization of downloads"),
          tr("What the form for downloads begins with."), quantizations, SchemeList().shortName(0)},
         {QStringLiteral("AUTO_LOAD_MODEL"), Kind::Choice, Effect::NextStart, tr("Model loaded at the start"), QString(),
          [&models] { return startModels(models); }},
         {QStringLiteral("idle-unload"), Kind::Text, Effect::NextStart, tr("Minutes after which an unused model is unloaded"),
          tr("0 keeps it.")},
         {QStringLiteral("MILLM_LOAD_ON_DEMAND"), Kind::Switch, Effect::NextStart, tr("Load models that requests name"),
          tr("A request for another ready model loads it in place of the one in memory.")}});
    add(tr("Hugging Face Hub"),
        {{QStringLiteral("HF_ENDPOINT"), Kind::Text, Effect::NextStart, tr("Address of the Hub"),
          tr("Of a mirror, for example.")},
         {QStringLiteral("proxy"), Kind::Text, Effect::AtOnce, tr("Proxy"),
          tr("system: what HTTPS_PROXY and its like say; none; or an address, such as http://proxy.example:3128.")},
         {QStringLiteral("download-limit"), Kind::Text, Effect::AtOnce, tr("Bandwidth of downloads, MB a second"),
          tr("0 takes all there is.")},
         {QStringLiteral("HF_HUB_OFFLINE"), Kind::Switch, Effect::NextStart, tr("Offline"),
          tr("Never asks the network; what the Hub's own cache on this machine has can still be added.")}});
    add(tr("Computing"),
        {{QStringLiteral("device"), Kind::Choice, Effect::NextStart, tr("Device"), QString(),
          fixed({{QString(), tr("Automatic: a GPU where one is usable")},
                 {QStringLiteral("cpu"), tr("CPU")},
                 {QStringLiteral("cuda"), tr("GPU (CUDA)")}}),
          QStringLiteral("auto")},
         {QStringLiteral("threads"), Kind::Text, Effect::AtOnce, tr("Threads"), tr("0 takes the cores that miLLM may use.")},
         {QStringLiteral("dtype"), Kind::Choice, Effect::NextLoad, tr("Compute type"), QString(),
          fixed({{QString(), tr("Automatic: the checkpoint's 16-bit type")},
                 {QStringLiteral("bfloat16"), QStringLiteral("bfloat16")},
                 {QStringLiteral("float16"), QStringLiteral("float16")},
                 {QStringLiteral("float32"), QStringLiteral("float32")}}),
          QStringLiteral("auto")},
         {QStringLiteral("products"), Kind::Choice, Effect::NextLoad, tr("Quantized weights on the CPU"), QString(),
          fixed({{QString(), tr("Fast: what they are multiplied with is rounded to 16 bits")},
                 {QStringLiteral("exact"), tr("Exact")}}),
          QStringLiteral("fast")},
         {QStringLiteral("kv-cache"), Kind::Text, Effect::NextLoad, tr("Memory of requests (KV cache), MiB"),
          tr("0 takes half of what is free once the model is loaded, nine tenths on a GPU.")}});
    add(tr("Program"),
        {{trayKey, Kind::Switch, Effect::AtOnce, tr("Keep running in the tray"),
          tr("Closing the window leaves the program in the tray, where the desktop has one; Ctrl+Q ends it.")},
         {QStringLiteral("autostart"), Kind::Switch, Effect::NextLogin, tr("Start with the system"), tr("When you log in.")},
         {QStringLiteral("data-dir"), Kind::Folder, Effect::NextStart, tr("Folder of the database"),
          tr("What is in the present one stays there: the other one begins empty.")},
         {QStringLiteral("scale"), Kind::Choice, Effect::NextStart, tr("Size of texts and controls"), QString(),
          fixed({{QString(), tr("As the system has it")},
                 {QStringLiteral("110"), QStringLiteral("110 %")},
                 {QStringLiteral("125"), QStringLiteral("125 %")},
                 {QStringLiteral("150"), QStringLiteral("150 %")},
                 {QStringLiteral("200"), QStringLiteral("200 %")}}),
          QStringLiteral("100")},
         {QStringLiteral("log-level"), Kind::Choice, Effect::NextStart, tr("Log"), QString(),
          fixed({{QString(), tr("Info")},
                 {QStringLiteral("debug"), tr("Debug")},
                 {QStringLiteral("warning"), tr("Warnings and errors")},
                 {QStringLiteral("error"), tr("Errors")}}),
          QStringLiteral("info")}});
    connect(&models, &ModelList::countChanged, m_groups.front().get(), &SettingsGroup::refresh);
}

void SettingsForm::add(const QString &title, const QList<SettingsGroup::Setting> &settings) {
    m_groups.push_back(std::make_unique<SettingsGroup>(m_keeper, title, settings));
    connect(m_groups.back().get(), &SettingsGroup::kept, this, [this](const QString &key) {
        if (key == quantizationKey) Q_EMIT defaultQuantizationChanged();
        if (key == folderKey) Q_EMIT folderChanged();
        if (key == trayKey) Q_EMIT keepInTrayChanged();
    });
}

QList<SettingsGroup *> SettingsForm::groups() const {
    QList<SettingsGroup *> list;
    for (const auto &group : m_groups) list << group.get();
    return list;
}

QVariantList SettingsForm::groupObjects() const {
    QVariantList list;
    for (SettingsGroup *group : groups()) list << QVariant::fromValue(group);
    return list;
}

bool SettingsForm::keeping() const {
    return m_keeper.isKeeping();
}

void SettingsForm::setToken(const QString &token) {
    const QString own = token.trimmed();
    if (own == m_token) return;
    m_token = own;
    m_keeper.useToken(own);
    Q_EMIT tokenChanged();
}

bool SettingsForm::keepInTray() const {
    return SettingsGroup::isOn(m_keeper.entry(trayKey).value);
}

QString SettingsForm::defaultQuantization() const {
    return m_keeper.entry(quantizationKey).value;
}

}  // namespace millm
