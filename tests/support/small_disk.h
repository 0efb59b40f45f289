#pragma once

#include <QFile>
#include <QTemporaryDir>

#include <sys/mount.h>

namespace millm::testing {

/// A file system of its own that can be full, or read-only. Where the test may not mount one, isValid() is false.
class SmallDisk {
public:
    /// Why a test is skipped where isValid() is false.
    static constexpr const char *needs =
        "a full or read-only disk is a tmpfs here: mounting one takes CAP_SYS_ADMIN, which this user lacks";
    explicit SmallDisk(const char *size = "1m")
        : m_mounted(::mount("tmpfs", where(), "tmpfs", 0, QByteArray("size=") + size) == 0) {}
    ~SmallDisk() {
        if (m_mounted) ::umount2(where(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk &) = delete;
    SmallDisk &operator=(const SmallDisk &) = delete;

    bool isValid() const { return m_mounted; }
    QString path() const { return m_folder.path(); }
    /// Leaves no byte free.
    void fill() {
        QFile file(m_folder.filePath(QStringLiteral("filling")));
        if (!file.open(QIODevice::WriteOnly | QIODevice::Unbuffered)) return;
        for (qsizetype step = 64 * 1024; step > 0; step /= 16) {
            while (file.write(QByteArray(step, 'x')) == step) {
            }
        }
    }
    void makeRoom() { QFile::remove(m_folder.filePath(QStringLiteral("filling"))); }
    void makeReadOnly() { (void)::mount("tmpfs", where(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr); }

private:
    QByteArray where() const { return QFile::encodeName(m_folder.path()); }
    QTemporaryDir m_folder;
    bool m_mounted;
};

}  // namespace millm::testing
