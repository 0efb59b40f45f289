#include "ui/settings_group.h"

#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/settings_keeper.h"

#include <QCoreApplication>

#include <algorithm>
#include <utility>

namespace millm {
namespace {

QString effectText(SettingsGroup::Effect effect) {
    switch (effect) {
        case SettingsGroup::Effect::AtOnce:
            return SettingsGroup::tr("Takes effect at once.");
        case SettingsGroup::Effect::NextLoad:
            return SettingsGroup::tr("Takes effect when a model is loaded next.");
        case SettingsGroup::Effect::NextStart:
            return SettingsGroup::tr("Takes effect when miLLM starts next.");
        case SettingsGroup::Effect::NextLogin:
            return SettingsGroup::tr("Takes effect when you log in next.");
    }
    Q_UNREACHABLE_RETURN({});
}

QString asShown(const SettingsGroup::Setting &setting, const QString &value) {
    return setting.kind == SettingsGroup::Kind::Number ? format::localized(value) : value;
}

QString translated(const char *words) {
    return *words == '\0' ? QString() : QCoreApplication::translate("millm::SettingsForm", words);
}

}  // namespace

SettingsGroup::SettingsGroup(SettingsKeeper &keeper, const char *title, QList<Setting> settings, QObject *parent)
    : QAbstractListModel(parent),
      m_keeper(keeper),
      m_title(title),
      m_settings(std::move(settings)),
      m_typed(m_settings.size()),
      m_faults(m_settings.size()) {}

int SettingsGroup::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : int(m_settings.size());
}

QVariant SettingsGroup::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const int row = index.row();
    const Setting &setting = m_settings[row];
    switch (role) {
        case KeyRole:
            return setting.key;
        case KindRole:
            return int(setting.kind);
        case TitleRole:
            return translated(setting.title);
        case HelpRole:
            return translated(setting.help);
        case EffectRole:
            return effectText(setting.effect);
        case ValueRole:
            return m_faults[row].isEmpty() ? asShown(setting, m_keeper.entry(setting.key).value) : m_typed[row];
        case FallbackRole:
            return asShown(setting, m_keeper.entry(setting.key).fallback);
        case SetByRole:
            return m_keeper.entry(setting.key).setBy;
        case FaultRole:
            return inWords(m_faults[row]);
        case ChoicesRole:
            return titles(row);
        case ChoiceRole:
            return chosen(row);
        default:
            return {};
    }
}

QHash<int, QByteArray> SettingsGroup::roleNames() const {
    return {{KeyRole, "key"},           {KindRole, "kind"},       {TitleRole, "title"},  {HelpRole, "help"},
            {EffectRole, "effect"},     {ValueRole, "value"},     {SetByRole, "setBy"},  {FaultRole, "fault"},
            {FallbackRole, "fallback"}, {ChoicesRole, "choices"}, {ChoiceRole, "choice"}};
}

QString SettingsGroup::title() const {
    return translated(m_title);
}

QList<SettingsGroup::Option> SettingsGroup::options(int row) const {
    QList<Option> list = m_settings[row].options ? m_settings[row].options() : QList<Option>();
    // A value from elsewhere that is none of them is shown as it is.
    const QString present = value(row);
    const bool known = std::ranges::any_of(list, [&](const Option &option) { return option.value == present; });
    if (m_settings[row].kind == Kind::Choice && !known) list << Option{present, present};
    return list;
}

QStringList SettingsGroup::titles(int row) const {
    QStringList titles;
    for (const Option &option : options(row)) titles << option.title;
    return titles;
}

QString SettingsGroup::value(int row) const {
    const QString written = m_keeper.entry(m_settings[row].key).value;
    return written == m_settings[row].usual ? QString() : written;
}

bool SettingsGroup::isOn(const QString &value) {
    static const QStringList words{QStringLiteral("1"), QStringLiteral("on"), QStringLiteral("yes"), QStringLiteral("true")};
    return words.contains(value.toLower());
}

int SettingsGroup::chosen(int row) const {
    if (m_settings[row].kind == Kind::Switch) return isOn(value(row)) ? 1 : 0;
    const QList<Option> list = options(row);
    return int(std::ranges::find(list, value(row), &Option::value) - list.begin());
}

void SettingsGroup::enter(int row, const QString &text) {
    if (row < 0 || row >= m_settings.size()) return;
    const QString &key = m_settings[row].key;
    // It is written down as the command line has it, whatever digits it was typed with.
    const QString value = m_settings[row].kind == Kind::Number ? format::latin(text.trimmed()) : text.trimmed();
    if (!m_keeper.entry(key).setBy.isEmpty()) return;
    m_typed[row] = text;
    m_faults[row] = value.isEmpty() ? QString() : m_keeper.fault(key, value);
    tell(row);
    if (!m_faults[row].isEmpty() || m_keeper.entry(key).value == value) return;
    m_keeper.keep(key, value).then(this, [this, row, key](const Result<void> &done) {
        m_faults[row] = done ? QString() : done.error().message;
        tell(row);
        if (done) Q_EMIT kept(key);
    });
}

void SettingsGroup::enterFolder(int row, const QUrl &folder) {
    if (folder.isLocalFile()) enter(row, folder.toLocalFile());
}

void SettingsGroup::choose(int row, int option) {
    if (row < 0 || row >= m_settings.size()) return;
    const QList<Option> list = options(row);
    if (option >= 0 && option < list.size()) enter(row, list[option].value);
}

void SettingsGroup::toggle(int row, bool on) {
    enter(row, on ? QStringLiteral("1") : QString());
}

void SettingsGroup::tell(int row) {
    Q_EMIT dataChanged(index(row), index(row), {ValueRole, FaultRole, ChoiceRole});
    // A box that is given its choices again makes their rows again, under the hands of whoever is in it.
    const QStringList now = titles(row);
    if (m_titles.value(row) == now) return;
    m_titles.insert(row, now);
    Q_EMIT dataChanged(index(row), index(row), {ChoicesRole, ChoiceRole});
}

void SettingsGroup::refresh() {
    for (int row = 0; row < m_settings.size(); ++row) tell(row);
}

}  // namespace millm
