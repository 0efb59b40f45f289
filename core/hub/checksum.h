#pragma once

#include "core/hub/repository.h"

#include <QByteArray>

#include <memory>
#include <stop_token>

namespace millm {

/// The checksum that the Hub gives a file, made while its bytes pass: sha256 of LFS files, git's sha1 of a blob of others.
/// OpenSSL's, which is many times faster than Qt's. One thread at a time.
class Checksum {
public:
    explicit Checksum(const HubFile &file);
    ~Checksum();
    Checksum(Checksum &&) noexcept;

    void add(const char *bytes, qsizetype count);
    /// Are the bytes added the file's? Ends the computation.
    bool matches();

    /// Reads a file on this machine and checks size and checksum. False too where it cannot be read or `stop` is asked.
    static bool verify(const QString &path, const HubFile &file, const std::stop_token &stop = {});

private:
    struct State;
    std::unique_ptr<State> d;
};

}  // namespace millm
