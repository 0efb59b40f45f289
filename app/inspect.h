#pragma once

#include "core/base/settings.h"
#include "core/models/model.h"

#include <QString>

namespace millm {

/// What `millm inspect` was asked.
struct InspectRequest {
    QString target;     ///< a folder, or a repository's id or page
    bool json = false;  ///< the preview's object in place of the table
};

/// How the verb ends; README.md lists them.
enum InspectStatus { InspectSupported = 0, InspectFailed = 1, InspectUnsupported = 3 };

/// Tells of a folder or repository what the preview tells of it, without services, data directory or engine: facts to standard
/// output, what went wrong to standard error. Answers with the program's exit status. Main thread; turns the event loop while
/// the Hub is asked.
int inspect(const Settings &settings, const InspectRequest &request);

/// The table for a person, in lines. `gpu`: memory is that of a GPU. Pure.
QString inspectTable(const ModelPreview &preview, bool gpu);

}  // namespace millm
