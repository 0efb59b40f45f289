#pragma once

#include <QObject>
#include <QTimer>

#include <chrono>

namespace millm {

class InferenceService;
class ModelService;

/// Unloads the model that nobody has asked for a while. Services thread.
class IdleUnload : public QObject {
    Q_OBJECT
public:
    /// `after`: since the load or the end of its last request; 0: never. Both services outlive this.
    IdleUnload(ModelService &models, InferenceService &inference, std::chrono::milliseconds after, QObject *parent = nullptr);

private:
    void wait();
    void unload();

    ModelService &m_models;
    InferenceService &m_inference;
    QTimer m_clock;
};

}  // namespace millm
