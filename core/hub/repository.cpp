#include "core/hub/repository.h"

namespace millm {

qint64 RepositoryPlan::downloadBytes() const {
    qint64 sum = 0;
    for (const HubFile &file : weights) sum += file.size;
    for (const HubFile &file : others) sum += file.size;
    return sum;
}

}  // namespace millm
