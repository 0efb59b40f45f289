// How many cores a process may use, from made-up control groups.
#include "core/engine/kernels/cpu/core_count.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace millm::engine::cpu::test {

namespace fs = std::filesystem;

namespace {

/// A /proc/self/cgroup and a /sys/fs/cgroup of its own.
class Groups {
public:
    explicit Groups(const std::string &membership) {
        std::string pattern = (fs::temp_directory_path() / "millm-cgroup-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        write("membership", membership);
    }
    ~Groups() { fs::remove_all(folder_); }
    void write(const fs::path &file, const std::string &text) const {
        fs::create_directories((folder_ / file).parent_path());
        std::ofstream(folder_ / file) << text;
    }
    std::optional<int> cores() const { return cgroup_cores(folder_ / "membership", folder_ / "mount"); }

private:
    fs::path folder_;
};

}  // namespace

TEST_CASE("version 2: the tightest limit on the way up counts, rounded up") {
    const Groups groups("0::/user.slice/session.scope\n");
    CHECK_FALSE(groups.cores().has_value());
    groups.write("mount/user.slice/session.scope/cpu.max", "max 100000\n");
    CHECK_FALSE(groups.cores().has_value());
    groups.write("mount/user.slice/cpu.max", "350000 100000\n");
    CHECK(groups.cores() == 4);
    groups.write("mount/user.slice/session.scope/cpu.max", "20000 100000\n");
    CHECK(groups.cores() == 1);
    groups.write("mount/cpu.max", "nonsense\n");
    CHECK(groups.cores() == 1);
}

TEST_CASE("version 2 in a container that is shown its group as the root") {
    const Groups groups("0::/docker/0123456789ab\n");
    groups.write("mount/cpu.max", "200000 100000\n");
    CHECK(groups.cores() == 2);
}

TEST_CASE("version 1: only the controller of processor time counts") {
    const Groups groups("12:memory:/box\n4:cpu,cpuacct:/box\n1:name=systemd:/box\n");
    groups.write("mount/cpu,cpuacct/box/cpu.cfs_quota_us", "-1\n");
    groups.write("mount/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
    CHECK_FALSE(groups.cores().has_value());
    groups.write("mount/cpu,cpuacct/box/cpu.cfs_quota_us", "250000\n");
    CHECK(groups.cores() == 3);
}

TEST_CASE("lines that are no membership are passed over") {
    CHECK_FALSE(Groups("").cores().has_value());
    CHECK_FALSE(Groups("nonsense\n:\n::\n").cores().has_value());
}

TEST_CASE("this process may use at least a core, and no more than the machine has") {
    CHECK(available_cores() >= 1);
    CHECK(available_cores() <= 4096);
}

}  // namespace millm::engine::cpu::test
