#pragma once

class QObject;

namespace millm {

/// Tells anew what this view model, and those that its properties lead to, say in words: the rows of lists, and each property
/// of text that cannot be written. For a window whose language has changed. GUI thread.
void retell(QObject &viewModel);

}  // namespace millm
