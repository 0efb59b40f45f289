#include "core/engine/kernels/cpu/core_count.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace millm::engine::cpu {

namespace fs = std::filesystem;

namespace {

std::optional<std::int64_t> number(const std::string &text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "50000 100000": what of a period may be used; "max", -1 or no file: all of it.
std::optional<int> cores_of(const std::string &quota, const std::string &period) {
    const auto part = number(quota), whole = number(period);
    if (!part || !whole || *part <= 0 || *whole <= 0) return std::nullopt;
    return static_cast<int>(std::clamp<std::int64_t>((*part - 1) / *whole + 1, 1, 1 << 16));
}

std::string first_word(const fs::path &file) {
    std::string word;
    std::ifstream(file) >> word;
    return word;
}

std::optional<int> limit_of(const fs::path &group) {
    std::string quota, period;
    if (std::ifstream file(group / "cpu.max"); file >> quota >> period) return cores_of(quota, period);
    return cores_of(first_word(group / "cpu.cfs_quota_us"), first_word(group / "cpu.cfs_period_us"));
}

/// The tightest limit of the group and those above it. A container may be shown its group as the root whatever its path is.
std::optional<int> limit_up_from(const fs::path &mount, const fs::path &path) {
    std::optional<int> least = limit_of(mount);
    fs::path group = mount;
    for (const fs::path &part : path.relative_path()) {
        group /= part;
        const std::optional<int> limit = limit_of(group);
        if (limit) least = std::min(least.value_or(*limit), *limit);
    }
    return least;
}

bool names_cpu(const std::string &controllers) {
    std::istringstream list(controllers);
    for (std::string name; std::getline(list, name, ',');)
        if (name == "cpu") return true;
    return false;
}

}  // namespace

std::optional<int> cgroup_cores(const fs::path &membership, const fs::path &mount) {
    std::optional<int> least;
    std::ifstream lines(membership);
    // "hierarchy:controllers:path"; version 2 has the one line "0::path".
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (!controllers.empty() && !names_cpu(controllers)) continue;
        const std::optional<int> limit = limit_up_from(mount / controllers, line.substr(second + 1));
        if (limit) least = std::min(least.value_or(*limit), *limit);
    }
    return least;
}

int available_cores() {
    int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) cores = std::max(1, CPU_COUNT(&allowed));
    return std::min(cores, cgroup_cores("/proc/self/cgroup", "/sys/fs/cgroup").value_or(cores));
}

}  // namespace millm::engine::cpu
