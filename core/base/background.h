#pragma once

/// Threads that compute for seconds at a time, and a window that must not wait for them: on a machine whose every core is busy
/// the window's thread gets a core at once, and they what is left.
namespace millm::background {

constexpr int niceness = 10;  ///< of Linux's 0 (as everybody) to 19

/// From now on such threads give way. Before they begin; a program without a window never calls it. Any thread.
void giveWay();

/// Said by a thread of that kind when it begins. Threads that it starts (OpenMP's) are like it.
void enter();

}  // namespace millm::background
