// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/restore_dialog.h"

#include "app/pages/model_table_model.h"
#include "widgets/message.h"
#include "widgets/table_setup.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace voorwerp::app {

namespace {
constexpr int kWidth = 560;
}

RestoreDialog::RestoreDialog(const backup::SnapshotInfo& snapshot, const QString& workspace, QWidget* parent)
    : QDialog(parent)
    , m_name(QStringLiteral("voorwerp-restored-") + QString::fromStdString(snapshot.shortId))
    , m_folder(new QLineEdit)
    , m_error(new QLabel)
{
    setObjectName(QStringLiteral("restoreDialog"));
    setWindowTitle(tr("Restore backup"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* words =
        new QLabel(tr("<p>The backup %1, made %2, is written into a <b>new folder</b>: %3, %Ln table row(s). "
                      "That folder then is "
                      "a workspace of its own, with the labels, models and spectra of that time.</p>"
                      "<p><b>Nothing is replaced.</b> The workspace that is open, %4, stays as it is, with "
                      "everything that "
                      "was added since the backup. When the restore fails or is stopped, too.</p>"
                      "<p>Afterwards: <i>File → Open another workspace…</i></p>",
                      nullptr, static_cast<int>(snapshot.rows))
                       .arg(QString::fromStdString(snapshot.shortId), shortTime(snapshot.time),
                            widgets::sizeText(snapshot.bytes), workspace.toHtmlEscaped()));
    words->setObjectName(QStringLiteral("restoreWords"));
    words->setWordWrap(true);
    m_folder->setObjectName(QStringLiteral("restoreFolder"));
    m_folder->setAccessibleName(tr("New folder"));
    m_folder->setText(QDir(QFileInfo(workspace).absolutePath()).filePath(m_name));
    m_error->setObjectName(QStringLiteral("restoreError"));
    m_error->setWordWrap(true);
    m_error->hide();
    auto* button = new QToolButton;
    button->setText(tr("Browse…"));
    auto* row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("New folder")));
    row->addWidget(m_folder, 1);
    row->addWidget(button);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    buttons->addButton(tr("Restore"), QDialogButtonBox::AcceptRole)->setDefault(true);
    auto* column = new QVBoxLayout(this);
    column->addWidget(words);
    column->addLayout(row);
    column->addWidget(m_error);
    column->addWidget(buttons);
    resize(kWidth, sizeHint().height());
    connect(button, &QToolButton::clicked, this, &RestoreDialog::browse);
    connect(buttons, &QDialogButtonBox::accepted, this, &RestoreDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_folder, &QLineEdit::textChanged, m_error, &QWidget::hide);
}

void RestoreDialog::browse()
{
    const QString parent = QFileDialog::getExistingDirectory(this, tr("Make the new folder in"));
    if (!parent.isEmpty())
        m_folder->setText(QDir(parent).filePath(m_name));
}

void RestoreDialog::accept()
{
    const QString folder = m_folder->text().trimmed();
    const QDir existing(folder);
    QString error;
    if (folder.isEmpty())
        error = tr("Name a folder.");
    else if (QFileInfo(folder).exists() && (!QFileInfo(folder).isDir() || !existing.isEmpty()))
        error = tr("%1 holds something already. Name a folder that is new or empty.").arg(folder);
    if (!error.isEmpty()) {
        widgets::say(m_error, error, true);
        return;
    }
    emit restoreWanted(QFileInfo(folder).absoluteFilePath());
    QDialog::accept();
}

} // namespace voorwerp::app
