#pragma once

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QList>
#include <QRect>
#include <QString>
#include <QStringList>

namespace millm::testing {

/// What is on the accessibility bus: a program's name there and the object's path.
struct Reference {
    QString service;
    QDBusObjectPath path;
};

/// An accessible object as a screen reader meets it.
struct Spoken {
    /// Of AT-SPI's list of states.
    enum State {
        Checked = 4,
        Editable = 7,
        Enabled = 8,
        Expandable = 9,
        Expanded = 10,
        Focusable = 11,
        Focused = 12,
        Selectable = 22,
        Selected = 23,
        Showing = 25,
        Visible = 30,
        ReadOnly = 44,
        Checkable = 41
    };

    QString role, name, description;
    QString group;  ///< the name of what it is in
    QString text;   ///< of an editor
    quint64 states = 0;
    QStringList actions;
    double value = -1, maximum = -1;  ///< of what has them
    QRect place;                      ///< on the screen
    Reference reference;

    bool has(State state) const { return (states >> int(state) & 1u) != 0; }
    /// Takes the keyboard or an action of its own.
    bool interactive() const;
    /// `push button "Download"`
    QString brief() const;
    /// All of it on one line, but for where it is.
    QString line() const;
};

/// The accessibility bus, seen from a screen reader's side.
class AccessibleTree {
public:
    explicit AccessibleTree(const QString &address);
    bool isConnected() const { return m_bus.isConnected(); }

    QList<Reference> children(const Reference &of) const;
    QString nameOf(const Reference &of) const;
    Spoken meet(const Reference &of) const;
    /// Everything visible below, in reading order.
    QList<Spoken> walk(const Reference &from) const;
    /// Where the keyboard's focus is: the innermost object that has it. No role where nothing has.
    Spoken focused(const Reference &window) const;
    /// What a screen reader's "press" does.
    void press(const Reference &of) const;

private:
    QDBusMessage call(const Reference &of, const QString &interface, const QString &method,
                      const QVariantList &arguments = {}) const;
    QVariant property(const Reference &of, const QString &interface, const QString &name) const;
    quint64 states(const Reference &of) const;
    void walk(const Reference &from, QList<Spoken> &into, const QString &group, int depth) const;

    QDBusConnection m_bus;
};

}  // namespace millm::testing
