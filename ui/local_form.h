#pragma once

#include "ui/error_words.h"
#include "ui/scheme_list.h"

#include <QObject>
#include <QString>
#include <QUrl>
#include <QtQmlIntegration>

namespace millm {

class ModelActions;
class ToastList;

/// The form that adds a model's folder of this machine. GUI thread.
class LocalForm : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString path READ path WRITE setPath NOTIFY pathChanged FINAL)
    Q_PROPERTY(QString pathError READ pathError NOTIFY errorChanged FINAL)
    Q_PROPERTY(QString packed READ packed NOTIFY pathChanged FINAL)
    Q_PROPERTY(bool valid READ valid NOTIFY pathChanged FINAL)
    Q_PROPERTY(int scheme READ scheme WRITE setScheme NOTIFY schemeChanged FINAL)
    Q_PROPERTY(millm::SchemeList *schemes READ schemes CONSTANT FINAL)
    Q_PROPERTY(bool trust READ trust WRITE setTrust NOTIFY trustChanged FINAL)
    Q_PROPERTY(QUrl startFolder READ startFolder NOTIFY pathChanged FINAL)
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged FINAL)
public:
    LocalForm(ModelActions &actions, ToastList &toasts, QObject *parent = nullptr);

    QString path() const { return m_path; }
    void setPath(const QString &path);
    QString pathError() const { return inWords(m_error); }
    QString packed() const;  ///< that the folder is quantized already, and what becomes of that; empty where it is not
    bool valid() const { return m_valid; }
    QUrl startFolder() const;  ///< where to look first: what is typed as far as it is there, else the person's own
    int scheme() const { return m_scheme; }
    void setScheme(int row);
    SchemeList *schemes() { return &m_schemes; }
    bool trust() const { return m_trust; }
    void setTrust(bool trust);
    bool busy() const { return m_busy; }

    Q_INVOKABLE bool take(const QUrl &dropped);   ///< a folder, or the one of a file, of this machine; false: it is none
    Q_INVOKABLE void choose(const QUrl &folder);  ///< the folder dialog's answer
    Q_INVOKABLE void add();

Q_SIGNALS:
    void pathChanged();
    void errorChanged();
    void schemeChanged();
    void trustChanged();
    void busyChanged();
    void added();

private:
    void setError(const QString &error);
    void setBusy(bool busy);

    ModelActions &m_actions;
    ToastList &m_toasts;
    SchemeList m_schemes;
    QString m_path, m_error, m_packed;
    int m_scheme = 0;
    bool m_trust = false, m_valid = false, m_busy = false;
};

}  // namespace millm
