#pragma once

#include "core/models/model.h"

#include <QCoreApplication>
#include <QString>

#include <optional>

namespace millm {

/// A model and all that the window knows of what happens to it: what a card shows is worked out here, in words.
struct ModelRow {
    Q_DECLARE_TR_FUNCTIONS(ModelRow)
public:
    /// Colour of the badge.
    enum class Tone { Good, Calm, Busy, Bad };

    Model model;
    std::optional<DownloadProgress> download;  ///< only while Queued or Downloading
    std::optional<LoadProgress> load;          ///< only while Loading
    int pendingRequests = 0;                   ///< only while Unloading
    QString packed;                            ///< what quantized its files before they came here (ui/packing.h)

    /// Takes over the record and drops what belonged to a state that is past.
    void take(const Model &newer);

    bool downloading() const;
    bool canCancel() const { return downloading(); }
    bool canLoad() const;
    bool canUnload() const { return model.state == ModelState::Loaded; }
    bool canRetry() const { return model.state == ModelState::DownloadFailed; }
    bool canDelete() const;

    int rank() const;  ///< the larger, the further up
    bool failed() const { return tone() == Tone::Bad; }
    bool queued() const { return model.state == ModelState::Queued && model.queuePlace > 0; }
    bool canRename() const { return canDelete() || downloading(); }
    /// Its files are those of a repository, or of a folder, as they are: other quantizations can be made of them.
    bool canQuantize() const {
        const bool rests = canLoad() || model.state == ModelState::Loaded;
        return rests && !model.kept && (model.linked() || model.quantization == engine::Scheme::Plain);
    }
    bool hasFolder() const;  ///< there is something to look at on the disk
    Tone tone() const;
    QString status() const;        ///< "Ready": the badge
    QString details() const;       ///< "2.5B params • Q4 quantization • made from GPTQ • 1.8 GB memory"
    QString estimateText() const;  ///< "1.8 GB", what it is foretold to take; empty where nobody knows
    QString location() const;      ///< the repository, or the path of a local one
    bool busy() const;             ///< shows a progress bar
    double progress() const;       ///< 0-100; -1 unknown
    QString activity() const;      ///< "Verifying…", "Unloading previous model…"; empty where nothing happens
    QString progressText() const;  ///< "42% • 1.2 of 4.9 GB • 12.4 MB/s • 3 min 20 s left"
    QString deleteHint() const;    ///< why it cannot be deleted; else what the button does
    QString memoryText() const;    ///< "cpu • 1.9 GB used, 1.8 GB estimated" while loaded
    QString diskText() const;      ///< "1.6 GB", what deleting it frees; empty where that is nothing
    QString spoken() const;        ///< the whole card in one sentence, for a screen reader
};

}  // namespace millm
