#pragma once

#include "core/base/error.h"
#include "core/conversations/conversation.h"

#include <QByteArray>
#include <QString>

namespace millm {

/// The turns shown as a document for people.
QByteArray asMarkdown(const Conversation &conversation);

/// The whole tree, and beside it the turns shown as OpenAI's messages: {"title", "options", "messages": [{"role", "content"}],
/// "turns": [...], "shown_turn"}.
QByteArray asJson(const Conversation &conversation);

/// Writes one or the other: JSON where the file's name ends so. What was there stays where it fails. Blocks.
Result<void> exportConversation(const Conversation &conversation, const QString &path);

}  // namespace millm
