#pragma once

namespace millm {

/// Lets screen readers read the value of progress bars: Qt Quick tells of them, but not how far they are. Once, before a window
/// is made.
void speakProgress();

}  // namespace millm
