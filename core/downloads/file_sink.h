#pragma once

#include "core/hub/checksum.h"
#include "core/hub/repository.h"

#include <QByteArray>
#include <QObject>
#include <QString>

namespace millm {

/// A new file being written and checked against its checksum while its bytes pass. Lives in the "downloads" thread: every
/// function is called there, the signals go to the network's thread.
class FileSink : public QObject {
    Q_OBJECT
public:
    /// `durable`: finish() waits until the disk has it.
    FileSink(const QString &path, const HubFile &file, bool durable);
    ~FileSink() override;

    void open();  ///< replaces what was there; never follows a link
    void append(const QByteArray &bytes);
    void finish();

Q_SIGNALS:
    void written(qint64 bytes);  ///< of one append(): others may read them now
    void finished(bool checksumMatches);
    void failed(int systemError);  ///< errno; nothing follows

private:
    void fail();

    QString m_path;
    Checksum m_sum;
    bool m_durable;
    int m_file = -1;
};

}  // namespace millm
