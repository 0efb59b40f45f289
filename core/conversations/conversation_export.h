#pragma once

#include "core/conversations/conversation.h"

#include <QByteArray>

namespace millm {

/// The turns shown as a document for people.
QByteArray asMarkdown(const Conversation &conversation);

/// The whole tree, and beside it the turns shown as OpenAI's messages: {"title", "options", "messages": [{"role", "content"}],
/// "turns": [...], "shown_turn"}.
QByteArray asJson(const Conversation &conversation);

}  // namespace millm
