#include "ui/settings_form.h"

#include "ui/format.h"
#include "ui/model_list.h"
#include "ui/scheme_list.h"
#include "ui/settings_keeper.h"

namespace millm {
namespace {

using Kind = SettingsGroup::Kind;
using Effect = SettingsGroup::Effect;
using Option = SettingsGroup::Option;

const QString quantizationKey = QStringLiteral("quantization"), folderKey = QStringLiteral("model-cache-dir"),
              trayKey = QStringLiteral("MILLM_KEEP_IN_TRAY"), scaleKey = QStringLiteral("scale");

/// Titles that are not words come out as they are.
struct FixedOption {
    QString value;
    const char *title;
};
std::function<QList<Option>()> fixed(const QList<FixedOption> &options) {
    return [options] {
        QList<Option> translated;
        for (const FixedOption &option : options) translated << Option{option.value, SettingsForm::tr(option.title)};
        return translated;
    };
}

QList<Option> scales() {
    QList<Option> options{{QString(), SettingsForm::tr("As the system has it")}};
    for (const char *percent : {"110", "125", "150", "200"}) {
        const QString value = QString::fromLatin1(percent);
        options << Option{value, format::localized(value) + QStringLiteral(" %")};
    }
    return options;
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
    add(QT_TR_NOOP("Models"),
        {{folderKey, Kind::Folder, Effect::AtOnce, QT_TR_NOOP("Folder of downloaded models"),
          QT_TR_NOOP("For new downloads; models that are there already stay where they are.")},
         {quantizationKey, Kind::Choice, Effect::AtOnce, QT_TR_NOOP("Quantization of downloads"),
          QT_TR_NOOP("What the form for downloads begins with."), quantizations, SchemeList().shortName(0)},
         {QStringLiteral("AUTO_LOAD_MODEL"), Kind::Choice, Effect::NextStart, QT_TR_NOOP("Model loaded at the start"), "",
          [&models] { return startModels(models); }},
         {QStringLiteral("idle-unload"), Kind::Number, Effect::NextStart,
          QT_TR_NOOP("Minutes after which an unused model is unloaded"), QT_TR_NOOP("0 keeps it.")},
         {QStringLiteral("MILLM_LOAD_ON_DEMAND"), Kind::Switch, Effect::NextStart, QT_TR_NOOP("Load models that requests name"),
          QT_TR_NOOP("A request for another ready model loads it in place of the one in memory.")}});
    add(QT_TR_NOOP("Hugging Face Hub"),
        {{QStringLiteral("HF_ENDPOINT"), Kind::Text, Effect::NextStart, QT_TR_NOOP("Address of the Hub"),
          QT_TR_NOOP("Of a mirror, for example.")},
         {QStringLiteral("proxy"), Kind::Text, Effect::AtOnce, QT_TR_NOOP("Proxy"),
          QT_TR_NOOP("system: what HTTPS_PROXY and its like say; none; or an address, such as http://proxy.example:3128.")},
         {QStringLiteral("download-limit"), Kind::Number, Effect::AtOnce, QT_TR_NOOP("Bandwidth of downloads, MB a second"),
          QT_TR_NOOP("0 takes all there is.")},
         {QStringLiteral("HF_HUB_OFFLINE"), Kind::Switch, Effect::NextStart, QT_TR_NOOP("Offline"),
          QT_TR_NOOP("Never asks the network; what the Hub's own cache on this machine has can still be added.")}});
    add(QT_TR_NOOP("Computing"),
        {{QStringLiteral("device"), Kind::Choice, Effect::NextStart, QT_TR_NOOP("Device"), "",
          fixed({{QString(), QT_TR_NOOP("Automatic: a GPU where one is usable")},
                 {QStringLiteral("cpu"), QT_TR_NOOP("CPU")},
                 {QStringLiteral("cuda"), QT_TR_NOOP("GPU (CUDA)")}}),
          QStringLiteral("auto")},
         {QStringLiteral("threads"), Kind::Number, Effect::AtOnce, QT_TR_NOOP("Threads"),
          QT_TR_NOOP("0 takes the cores that miLLM may use.")},
         {QStringLiteral("dtype"), Kind::Choice, Effect::NextLoad, QT_TR_NOOP("Compute type"), "",
          fixed({{QString(), QT_TR_NOOP("Automatic: the checkpoint's 16-bit type")},
                 {QStringLiteral("bfloat16"), "bfloat16"},
                 {QStringLiteral("float16"), "float16"},
                 {QStringLiteral("float32"), "float32"}}),
          QStringLiteral("auto")},
         {QStringLiteral("products"), Kind::Choice, Effect::NextLoad, QT_TR_NOOP("Quantized weights on the CPU"), "",
          fixed({{QString(), QT_TR_NOOP("Fast: what they are multiplied with is rounded to 16 bits")},
                 {QStringLiteral("exact"), QT_TR_NOOP("Exact")}}),
          QStringLiteral("fast")},
         {QStringLiteral("kv-cache"), Kind::Number, Effect::NextLoad, QT_TR_NOOP("Memory of requests (KV cache), MiB"),
          QT_TR_NOOP("0 takes half of what is free once the model is loaded, nine tenths on a GPU.")}});
    add(QT_TR_NOOP("Program"),
        {{trayKey, Kind::Switch, Effect::AtOnce, QT_TR_NOOP("Keep running in the tray"),
          QT_TR_NOOP("Closing the window leaves the program in the tray, where the desktop has one; Ctrl+Q ends it.")},
         {QStringLiteral("autostart"), Kind::Switch, Effect::NextLogin, QT_TR_NOOP("Start with the system"),
          QT_TR_NOOP("When you log in.")},
         {QStringLiteral("data-dir"), Kind::Folder, Effect::NextStart, QT_TR_NOOP("Folder of the database"),
          QT_TR_NOOP("What is in the present one stays there: the other one begins empty.")},
         {scaleKey, Kind::Choice, Effect::AtOnce, QT_TR_NOOP("Size of texts and controls"), "", scales, QStringLiteral("100")},
         {QStringLiteral("log-level"), Kind::Choice, Effect::NextStart, QT_TR_NOOP("Log"), "",
          fixed({{QString(), QT_TR_NOOP("Info")},
                 {QStringLiteral("debug"), QT_TR_NOOP("Debug")},
                 {QStringLiteral("warning"), QT_TR_NOOP("Warnings and errors")},
                 {QStringLiteral("error"), QT_TR_NOOP("Errors")}}),
          QStringLiteral("info")}});
    connect(&models, &ModelList::countChanged, m_groups.front().get(), &SettingsGroup::refresh);
}

void SettingsForm::add(const char *title, const QList<SettingsGroup::Setting> &settings) {
    m_groups.push_back(std::make_unique<SettingsGroup>(m_keeper, title, settings));
    connect(m_groups.back().get(), &SettingsGroup::kept, this, [this](const QString &key) {
        if (key == quantizationKey) Q_EMIT defaultQuantizationChanged();
        if (key == folderKey) Q_EMIT folderChanged();
        if (key == trayKey) Q_EMIT keepInTrayChanged();
        if (key == scaleKey) Q_EMIT scaleChanged();
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

double SettingsForm::scale() const {
    const int percent = m_keeper.entry(scaleKey).value.toInt();
    return percent > 0 ? percent / 100.0 : 1;
}

QString SettingsForm::defaultQuantization() const {
    return m_keeper.entry(quantizationKey).value;
}

}  // namespace millm
