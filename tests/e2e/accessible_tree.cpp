#include "tests/e2e/accessible_tree.h"

#include <QDBusArgument>
#include <QDBusReply>
#include <QDBusVariant>

namespace millm::testing {

using namespace Qt::StringLiterals;

namespace {

const QString accessibleInterface = u"org.a11y.atspi.Accessible"_s;
constexpr int answerMs = 20000, deepest = 40;

}  // namespace

static const QDBusArgument &operator>>(const QDBusArgument &from, Reference &to) {
    from.beginStructure();
    from >> to.service >> to.path;
    from.endStructure();
    return from;
}

QString Spoken::brief() const {
    return u"%1 \"%2\""_s.arg(role, name);
}

bool Spoken::interactive() const {
    // Qt calls every text one that takes the keyboard.
    return !actions.isEmpty() || (has(Focusable) && role != u"label"_s && role != u"heading"_s);
}

QString Spoken::line() const {
    static const QList<std::pair<State, QString>> told{
        {Focusable, u"focusable"_s}, {Checkable, u"checkable"_s}, {Checked, u"checked"_s},   {Selectable, u"selectable"_s},
        {Selected, u"selected"_s},   {Editable, u"editable"_s},   {ReadOnly, u"read only"_s}};
    QStringList parts{role, name};
    QStringList is;
    for (const auto &[state, word] : told)
        if (has(state)) is << word;
    if (!has(Enabled)) is << u"disabled"_s;
    if (!is.isEmpty()) parts << is.join(u", "_s);
    if (maximum > 0) parts << u"value"_s;
    if (!actions.isEmpty()) parts << u"does "_s + actions.join(u", "_s);
    if (!description.isEmpty()) parts << description;
    return parts.join(u" | "_s);
}

AccessibleTree::AccessibleTree(const QString &address)
    : m_bus(QDBusConnection::connectToBus(address, u"accessibility-"_s + address)) {}

QDBusMessage AccessibleTree::call(const Reference &of, const QString &interface, const QString &method,
                                  const QVariantList &arguments) const {
    QDBusMessage ask = QDBusMessage::createMethodCall(of.service, of.path.path(), interface, method);
    ask.setArguments(arguments);
    return m_bus.call(ask, QDBus::Block, answerMs);
}

QVariant AccessibleTree::property(const Reference &of, const QString &interface, const QString &name) const {
    const QDBusReply<QDBusVariant> reply = call(of, u"org.freedesktop.DBus.Properties"_s, u"Get"_s, {interface, name});
    return reply.isValid() ? reply.value().variant() : QVariant();
}

QList<Reference> AccessibleTree::children(const Reference &of) const {
    const QDBusMessage reply = call(of, accessibleInterface, u"GetChildren"_s);
    QList<Reference> list;
    if (reply.type() == QDBusMessage::ReplyMessage) reply.arguments().value(0).value<QDBusArgument>() >> list;
    return list;
}

QString AccessibleTree::nameOf(const Reference &of) const {
    return property(of, accessibleInterface, u"Name"_s).toString();
}

quint64 AccessibleTree::states(const Reference &of) const {
    QList<uint> words;
    const QDBusMessage reply = call(of, accessibleInterface, u"GetState"_s);
    if (reply.type() == QDBusMessage::ReplyMessage) reply.arguments().value(0).value<QDBusArgument>() >> words;
    return words.size() < 2 ? 0 : quint64(words[0]) | quint64(words[1]) << 32;
}

Spoken AccessibleTree::meet(const Reference &of) const {
    Spoken spoken;
    spoken.reference = of;
    spoken.states = states(of);
    spoken.role = call(of, accessibleInterface, u"GetRoleName"_s).arguments().value(0).toString();
    spoken.name = nameOf(of);
    spoken.description = property(of, accessibleInterface, u"Description"_s).toString();
    QStringList interfaces;
    if (const QDBusReply<QStringList> reply = call(of, accessibleInterface, u"GetInterfaces"_s); reply.isValid())
        interfaces = reply.value();
    const QString valueInterface = u"org.a11y.atspi.Value"_s, textInterface = u"org.a11y.atspi.Text"_s,
                  actionInterface = u"org.a11y.atspi.Action"_s;
    if (interfaces.contains(valueInterface)) {
        spoken.value = property(of, valueInterface, u"CurrentValue"_s).toDouble();
        spoken.maximum = property(of, valueInterface, u"MaximumValue"_s).toDouble();
    }
    if (interfaces.contains(textInterface))
        spoken.text = call(of, textInterface, u"GetText"_s, {0, -1}).arguments().value(0).toString();
    if (interfaces.contains(actionInterface)) {
        const int count = property(of, actionInterface, u"NActions"_s).toInt();
        for (int index = 0; index < count; ++index)
            spoken.actions << call(of, actionInterface, u"GetName"_s, {index}).arguments().value(0).toString();
        spoken.actions.removeAll(u"SetFocus"_s);
    }
    const QDBusMessage extents = call(of, u"org.a11y.atspi.Component"_s, u"GetExtents"_s, {QVariant::fromValue(uint(0))});
    if (extents.type() == QDBusMessage::ReplyMessage) {
        int x = 0, y = 0, width = 0, height = 0;
        const QDBusArgument argument = extents.arguments().value(0).value<QDBusArgument>();
        argument.beginStructure();
        argument >> x >> y >> width >> height;
        argument.endStructure();
        spoken.place = QRect(x, y, width, height);
    }
    return spoken;
}

void AccessibleTree::walk(const Reference &from, QList<Spoken> &into, const QString &group, int depth) const {
    if (depth > deepest) return;
    for (const Reference &child : children(from)) {
        if ((states(child) >> int(Spoken::Visible) & 1u) == 0) continue;
        Spoken met = meet(child);
        met.group = group;
        into << met;
        walk(child, into, met.name, depth + 1);
    }
}

QList<Spoken> AccessibleTree::walk(const Reference &from) const {
    QList<Spoken> list;
    walk(from, list, {}, 0);
    return list;
}

Spoken AccessibleTree::focused(const Reference &window) const {
    Reference innermost;
    QList<Reference> left{window};
    while (!left.isEmpty()) {
        const Reference each = left.takeLast();
        const quint64 state = states(each);
        if ((state >> int(Spoken::Visible) & 1u) == 0 && each.path.path() != window.path.path()) continue;
        if ((state >> int(Spoken::Focused) & 1u) != 0) innermost = each;
        QList<Reference> below = children(each);
        while (!below.isEmpty()) left << below.takeLast();
    }
    return innermost.service.isEmpty() ? Spoken() : meet(innermost);
}

void AccessibleTree::press(const Reference &of) const {
    const QString interface = u"org.a11y.atspi.Action"_s;
    const int count = property(of, interface, u"NActions"_s).toInt();
    for (int index = 0; index < count; ++index)
        if (call(of, interface, u"GetName"_s, {index}).arguments().value(0).toString() == u"Press"_s) {
            call(of, interface, u"DoAction"_s, {index});
            return;
        }
}

}  // namespace millm::testing
