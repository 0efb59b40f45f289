#pragma once

#include <filesystem>
#include <optional>

namespace millm::engine::cpu {

/// Cores that this process may keep busy: those of its affinity mask, or fewer where a control group grants less time, as
/// containers and systemd units do. At least 1.
int available_cores();

/// The time that the control groups of this process grant, in cores, rounded up; nothing where no group limits it.
/// `membership` is /proc/self/cgroup, `mount` is /sys/fs/cgroup: version 2 and version 1 of the interface are read.
std::optional<int> cgroup_cores(const std::filesystem::path &membership, const std::filesystem::path &mount);

}  // namespace millm::engine::cpu
