#pragma once

#include "core/conversations/conversation_repository.h"
#include "core/storage/database.h"
#include "qml/window.h"
#include "tests/ui/recorded_actions.h"
#include "tests/ui/recorded_program.h"
#include "tests/ui/samples.h"
#include "ui/app.h"

#include <QGuiApplication>
#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>

#include <functional>

namespace millm {

/// The real window over real view models, whose facts the test feeds.
class Scene {
public:
    explicit Scene(const AppOptions &options = defaults())
        : database(QStringLiteral("sqlite:///:memory:")),
          conversations(database),
          app(actions, chat, conversations, server, program.parts(), options),
          loaded(loadWindow(engine, app)) {
        database.open();
        app.chat()->conversations()->reload();
        if (loaded) window = qobject_cast<QQuickWindow *>(engine.rootObjects().first());
    }
    static AppOptions defaults() {
        AppOptions options;
        options.hubEndpoint = QUrl(QStringLiteral("https://hub.example"));
        return options;
    }

    /// Every visible item that `wanted` lets through, in the order they were made.
    QList<QQuickItem *> visible(const std::function<bool(QQuickItem *)> &wanted) const {
        QList<QQuickItem *> found;
        collect(window->contentItem(), wanted, found);
        return found;
    }
    QList<QQuickItem *> all(const QString &name) const {
        return visible([&](QQuickItem *item) { return item->objectName() == name; });
    }
    QQuickItem *one(const QString &name) const { return all(name).value(0); }
    QString text(const QString &name) const {
        return one(name) ? one(name)->property("text").toString() : QStringLiteral("(no such item)");
    }

    RecordedActions actions;
    RecordedChat chat;
    RecordedProgram program;
    ServerState server;
    Database database;
    ConversationRepository conversations;
    App app;
    QQmlApplicationEngine engine;
    bool loaded = false;
    QQuickWindow *window = nullptr;

private:
    static void collect(QQuickItem *item, const std::function<bool(QQuickItem *)> &wanted, QList<QQuickItem *> &found) {
        if (!item->isVisible()) return;
        if (wanted(item)) found << item;
        for (QQuickItem *child : item->childItems()) collect(child, wanted, found);
    }
};

}  // namespace millm
