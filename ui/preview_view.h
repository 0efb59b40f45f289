#pragma once

#include "core/models/model.h"

#include <QObject>
#include <QString>
#include <QUrl>
#include <QtQmlIntegration>

namespace millm {

/// A repository seen before its download, in words for the preview dialog. GUI thread.
class PreviewView : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString name READ name NOTIFY changed FINAL)
    Q_PROPERTY(QString repoId READ repoId NOTIFY changed FINAL)
    Q_PROPERTY(QString params READ params NOTIFY changed FINAL)
    Q_PROPERTY(QString architecture READ architecture NOTIFY changed FINAL)
    Q_PROPERTY(QString license READ license NOTIFY changed FINAL)
    Q_PROPERTY(QString contextText READ contextText NOTIFY changed FINAL)
    Q_PROPERTY(QString downloadText READ downloadText NOTIFY changed FINAL)
    Q_PROPERTY(QString freeText READ freeText NOTIFY changed FINAL)
    Q_PROPERTY(QString packed READ packed NOTIFY changed FINAL)
    Q_PROPERTY(bool gated READ gated NOTIFY changed FINAL)
    Q_PROPERTY(bool remoteCode READ remoteCode NOTIFY changed FINAL)
    Q_PROPERTY(bool supported READ supported NOTIFY changed FINAL)
    Q_PROPERTY(QString unsupportedReason READ unsupportedReason NOTIFY changed FINAL)
    Q_PROPERTY(QUrl pageUrl READ pageUrl NOTIFY changed FINAL)
public:
    explicit PreviewView(QUrl hubEndpoint, QObject *parent = nullptr);

    const ModelPreview &preview() const { return m_preview; }
    void setPreview(const ModelPreview &preview);

    QString name() const { return m_preview.name; }
    QString repoId() const { return m_preview.repoId; }
    QString params() const;
    QString architecture() const;
    QString license() const;
    QString contextText() const;   ///< "8,192 tokens"
    QString downloadText() const;  ///< "5.2 GB"
    QString freeText() const;      ///< what the fit marks compare with
    QString packed() const;        ///< that it is quantized already, and what becomes of that; empty where it is not
    bool gated() const { return m_preview.isGated; }
    bool remoteCode() const { return m_preview.requiresTrustRemoteCode; }
    bool supported() const { return m_preview.supported; }
    QString unsupportedReason() const { return m_preview.unsupportedReason; }
    QUrl pageUrl() const { return pageOf(m_preview.repoId); }
    QUrl pageOf(const QString &repoId) const;  ///< the model's page at the Hub; empty where no Hub is known

Q_SIGNALS:
    void changed();

private:
    QUrl m_hubEndpoint;
    ModelPreview m_preview;
};

}  // namespace millm
