// Files of a stranger's folder: only regular ones are opened, and nothing waits.
#include "core/engine/input/json.h"
#include "core/engine/input/regular_file.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

using namespace millm::engine;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "millm-files-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        m_path = pattern;
    }
    ~Folder() { fs::remove_all(m_path); }
    fs::path operator/(const char *name) const { return m_path / name; }

private:
    fs::path m_path;
};

void make_socket(const fs::path &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
    ::close(fd);
}

}  // namespace

TEST_CASE("what is no regular file is named and not waited for") {
    const Folder folder;
    REQUIRE(::mkfifo((folder / "pipe.json").c_str(), 0600) == 0);
    make_socket(folder / "socket.json");
    fs::create_directory(folder / "folder.json");
    fs::create_symlink("/dev/zero", folder / "device.json");
    fs::create_symlink("pipe.json", folder / "link.json");
    for (const auto &[name, kind] : {std::pair{"pipe.json", "a named pipe"},
                                     {"link.json", "a named pipe"},
                                     {"socket.json", "a socket"},
                                     {"folder.json", "a folder"},
                                     {"device.json", "a device"}}) {
        CAPTURE(name);
        const auto text = read_regular_file(folder / name, 100);
        REQUIRE_FALSE(text.ok());
        CHECK(text.error().code == ErrorCode::Io);
        CHECK(text.error().message.find(kind) != std::string::npos);
        CHECK(text.error().message.find(name) != std::string::npos);
        CHECK_FALSE(read_json_object(folder / name).ok());
    }
}

TEST_CASE("a file is read whole, one that is not there is nothing, one that is too long is refused") {
    const Folder folder;
    std::ofstream(folder / "x.json") << R"({"a": 1})";
    CHECK(*read_regular_file(folder / "x.json", 8) == R"({"a": 1})");
    CHECK((*read_json_object(folder / "x.json"))->find("a")->integer() == 1);
    const auto cut = read_regular_file(folder / "x.json", 7);
    CHECK(cut.error().code == ErrorCode::InvalidFile);
    CHECK(cut.error().got == 8);
    for (const fs::path &absent : {folder / "y.json", folder / "x.json" / "z"}) {
        const auto nothing = read_regular_file(absent, 8);
        REQUIRE(nothing.ok());
        CHECK_FALSE(*nothing);
    }
    fs::create_symlink("loop.json", folder / "loop.json");
    CHECK(read_regular_file(folder / "loop.json", 8).error().code == ErrorCode::Io);
}
