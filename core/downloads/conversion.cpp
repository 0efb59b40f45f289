#include "core/downloads/conversion.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/downloads/disk.h"
#include "core/engine/checkpoint/converter.h"

#include <optional>

namespace millm {

struct Conversion::Work {
    std::unique_ptr<engine::CheckpointConverter> converter;
    std::stop_source stop;
    std::optional<engine::Error> failure;  ///< of its making
};

namespace {

constexpr qint64 step = 4 * 1024 * 1024;  // fewer new bytes are not worth a look

using Step = engine::Result<engine::CheckpointConverter::Progress>;

}  // namespace

Conversion::Conversion(WorkerThread &thread, const Order &order, QObject *parent)
    : QObject(parent), m_thread(thread), m_work(std::make_shared<Work>()), m_target(order.target), m_required(order.required) {
    engine::CheckpointConverter::Options options;
    options.target = order.target.toStdString();
    options.scheme = order.scheme;
    m_thread.run([work = m_work, json = order.config.toStdString(), options] {
        auto made = engine::CheckpointConverter::create(json, options);
        if (made) {
            work->converter = std::move(*made);
        } else {
            work->failure = made.error();
        }
    });
}

Conversion::~Conversion() {
    m_work->stop.request_stop();
}

void Conversion::offer(const QString &source, const QString &name, qint64 available, qint64 size) {
    if (m_offer.name != name) m_asked = 0;
    m_offer = {source, name, available, size};
    next();
}

void Conversion::next() {
    const bool worth = m_offer.available - m_asked >= step || (m_offer.available == m_offer.size && m_asked < m_offer.size);
    if (m_busy || m_failed || !worth) return;
    m_busy = true;
    m_asked = m_offer.available;
    const Offer offer = m_offer;
    const int generation = m_generation;
    m_thread
        .run([work = m_work, offer]() -> Step {
            if (work->failure) return *work->failure;
            return work->converter->advance(offer.source.toStdString(), offer.name.toStdString(), quint64(offer.available),
                                            work->stop.get_token());
        })
        .then(this, [this, offer, generation](const Step &result) {
            if (generation != m_generation) return;  // a restart has made this worthless
            m_busy = false;
            if (!result) {
                m_failed = true;
                Q_EMIT failed(offer.name, asClient(result.error()));
                return;
            }
            Q_EMIT progressed(offer.name, qint64(result->consumed));
            if (offer.available == offer.size) Q_EMIT converted(offer.name);
            next();
        });
}

void Conversion::restart(const QString &name, std::function<void()> then) {
    ++m_generation;
    m_busy = m_failed = false;
    m_offer = {};
    m_asked = 0;
    m_thread
        .run([work = m_work, name] {
            if (work->converter) work->converter->restart(name.toStdString());
            return true;
        })
        .then(this, [then = std::move(then)](bool) { then(); });
}

void Conversion::finish(std::function<void(Result<void>)> then) {
    m_thread
        .run([work = m_work]() -> engine::Result<void> {
            if (work->failure) return *work->failure;
            auto done = work->converter->finish(work->stop.get_token());
            if (done)
                for (const std::string &remark : work->converter->remarks()) qCWarning(downloadsLog, "%s", remark.c_str());
            return done;
        })
        .then(this, [this, then = std::move(then)](const engine::Result<void> &done) {
            then(done ? Result<void>() : Result<void>(asClient(done.error())));
        });
}

/// A full disk has a name of its own; bytes that contradict themselves are a download that is good for nothing.
Error Conversion::asClient(const engine::Error &error) const {
    if (error.code == engine::ErrorCode::Io && disk::isFull(int(error.got)))
        return disk::writingFailed(int(error.got), m_target, m_required);
    const bool file = error.code == engine::ErrorCode::Io || error.code == engine::ErrorCode::InvalidFile;
    return file ? errors::downloadFailed(QString::fromStdString(error.message)) : errors::fromEngine(error);
}

void Conversion::stop(std::function<void()> then) {
    ++m_generation;
    m_failed = true;
    m_work->stop.request_stop();
    m_thread
        .run([work = m_work] {
            work->converter.reset();
            return true;
        })
        .then(this, [then = std::move(then)](bool) { then(); });
}

}  // namespace millm
