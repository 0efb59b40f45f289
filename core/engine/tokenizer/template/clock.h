#pragma once

#include <ctime>
#include <functional>
#include <string>

namespace millm::engine::jinja {

/// The local time that strftime_now shows.
using Clock = std::function<std::tm()>;

std::tm local_time();
/// As Python's strftime, with English names whatever the process's locale is.
std::string format_time(const std::tm &time, const std::string &format);

}  // namespace millm::engine::jinja
