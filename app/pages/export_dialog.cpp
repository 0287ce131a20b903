// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/export_dialog.h"

#include "app/app_context.h"
#include "app/jobs/workbench_jobs.h"
#include "app/pages/preview_table.h"
#include "app/score_data.h"
#include "app/workspace_facts.h"
#include "catalog/selection_store.h"
#include "widgets/message.h"

#include <QComboBox>
#include <QDate>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace voorwerp::app {

namespace {

constexpr int kPreviewRows = 8;
constexpr int kMostRows = 10'000'000;
const QString kFolderKey = QStringLiteral("export/folder");
const QString kShown = QStringLiteral("/shown"); // no name of a selection begins so
const QString kPicked = QStringLiteral("/picked");

/// Cells of a CSV text: comments, one header line, rows; no cell of the preview holds a line break.
QList<QStringList> csvCells(const std::string& text)
{
    QList<QStringList> rows;
    for (const QString& line : QString::fromStdString(text).split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        if (line.startsWith(QLatin1Char('#')))
            continue;
        QStringList cells(QString{});
        bool quoted = false;
        for (const QChar letter : line) {
            if (letter == QLatin1Char('"'))
                quoted = !quoted;
            else if (letter == QLatin1Char(',') && !quoted)
                cells << QString();
            else
                cells.last() += letter;
        }
        rows << cells;
    }
    return rows;
}

} // namespace

ExportDialog::ExportDialog(AppContext& context, ShownCandidates shown, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_shown(std::move(shown))
    , m_selectionQuery(context)
    , m_previewQuery(context)
    , m_form(new QFormLayout)
    , m_what(new QComboBox)
    , m_sort(new QComboBox)
    , m_top(new QSpinBox)
    , m_format(new QComboBox)
    , m_file(new QLineEdit)
    , m_note(new QLabel)
    , m_preview(new PreviewTable)
{
    setObjectName(QStringLiteral("exportDialog"));
    setWindowTitle(tr("Export candidates"));
    setAttribute(Qt::WA_DeleteOnClose);
    fillChoices();
    m_note->setWordWrap(true);
    m_note->setObjectName(QStringLiteral("exportNote"));
    m_preview->setObjectName(QStringLiteral("exportPreview"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_export = buttons->addButton(tr("Export"), QDialogButtonBox::AcceptRole);
    m_export->setObjectName(QStringLiteral("exportButton"));
    auto* column = new QVBoxLayout(this);
    fillForm();
    column->addLayout(m_form);
    column->addWidget(m_note);
    column->addWidget(m_preview, 1);
    column->addWidget(buttons);
    resize(860, 480);
    for (QAbstractButton* button : buttons->buttons())
        static_cast<QPushButton*>(button)->setAutoDefault(false);
    m_export->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &ExportDialog::start);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_what, &QComboBox::currentIndexChanged, this, &ExportDialog::updateWhat);
    connect(m_sort, &QComboBox::currentIndexChanged, this, &ExportDialog::preview);
    connect(m_top, &QSpinBox::valueChanged, this, &ExportDialog::preview);
    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::updateFileName);
    connect(m_file, &QLineEdit::textChanged, this, &ExportDialog::onFileEdited);
    connect(&context.jobs(), &JobRunner::jobFinished, this, &ExportDialog::onJobFinished);
    connect(&m_previewQuery, &AsyncQuery::failed, this, [this](const ErrorText& error) {
        m_preview->setRows({}, {});
        say(error.toString(), true);
        m_export->setEnabled(false);
    });
    loadSelections();
    updateWhat();
}

void ExportDialog::fillForm()
{
    auto* browse = new QToolButton;
    browse->setText(tr("Browse…"));
    connect(browse, &QToolButton::clicked, this, &ExportDialog::chooseFile);
    auto* fileRow = new QHBoxLayout;
    fileRow->addWidget(m_file, 1);
    fileRow->addWidget(browse);
    m_form->addRow(tr("What"), m_what);
    m_form->addRow(tr("Highest by"), m_sort);
    m_form->addRow(tr("Rows"), m_top);
    m_form->addRow(tr("Format"), m_format);
    m_form->addRow(tr("File"), fileRow);
}

void ExportDialog::fillChoices()
{
    m_what->setObjectName(QStringLiteral("exportWhat"));
    if (!m_shown.ids.empty())
        m_what->addItem(tr("what the list shows (%Ln row(s))", nullptr, static_cast<int>(m_shown.ids.size())),
                        kShown);
    if (!m_shown.picked.empty())
        m_what->addItem(tr("the %Ln picked (%1)", nullptr, static_cast<int>(m_shown.picked.size()))
                            .arg(m_shown.pickedWords),
                        kPicked);
    m_what->addItem(tr("all scored spectra"), QString());
    for (const ScoreValue& value : scoreValues())
        m_sort->addItem(value.name, QString::fromLatin1(value.key));
    m_sort->setCurrentIndex(std::max(0, m_sort->findData(m_shown.sortKey)));
    m_top->setRange(0, kMostRows);
    m_top->setValue(100);
    m_top->setPrefix(tr("first "));
    m_top->setSpecialValueText(tr("all"));
    m_top->setGroupSeparatorShown(true);
    m_format->addItem(tr("CSV, text with the provenance on top"), QStringLiteral("csv"));
    m_format->addItem(tr("FITS binary table"), QStringLiteral("fits"));
    const auto& shown = m_context.facts().shownModel();
    QString model =
        shown ? QStringLiteral("-%1-v%2").arg(QString::fromStdString(shown->name)).arg(shown->version)
              : QString();
    const QDir folder(m_context.settings().value(kFolderKey, QDir::homePath()).toString());
    m_file->setText(folder.filePath(
        QStringLiteral("candidates%1-%2.csv").arg(model, QDate::currentDate().toString(Qt::ISODate))));
    m_file->setObjectName(QStringLiteral("exportFile"));
}

pipeline::CandidatesRequest ExportDialog::request() const
{
    pipeline::CandidatesRequest request;
    if (const auto& model = m_context.facts().shownModel())
        request.model = model->reference();
    const QString what = m_what->currentData().toString();
    if (what == kShown) {
        request.ids = m_shown.ids;
        request.words = m_shown.words.toStdString();
    } else if (what == kPicked) {
        request.ids = m_shown.picked;
        request.words = tr("picked by hand: %1").arg(m_shown.pickedWords).toStdString();
    } else {
        request.selection = what.toStdString();
        request.sortBy = m_sort->currentData().toString().toStdString();
        request.top = m_top->value();
    }
    return request;
}

void ExportDialog::updateWhat()
{
    const QString what = m_what->currentData().toString();
    const bool ranked = what != kShown && what != kPicked;
    m_form->setRowVisible(m_sort, ranked);
    m_form->setRowVisible(m_top, ranked);
    preview();
}

void ExportDialog::loadSelections()
{
    m_selectionQuery.ask([](const pipeline::Session& session,
                            std::stop_token) { return catalog::listSelections(session.database()); },
                         [this](const std::shared_ptr<const std::vector<catalog::Selection>>& selections) {
                             for (const catalog::Selection& selection : *selections)
                                 m_what->addItem(
                                     tr("selection %1").arg(QString::fromStdString(selection.name)),
                                     QString::fromStdString(selection.name));
                         });
}

void ExportDialog::preview()
{
    pipeline::CandidatesRequest first = request();
    first.top = first.top == 0 ? kPreviewRows : std::min<std::int64_t>(first.top, kPreviewRows);
    first.ids.resize(std::min<std::size_t>(first.ids.size(), kPreviewRows));
    m_previewQuery.ask(
        [first](const pipeline::Session& session, std::stop_token stop) {
            core::JobContext job(stop, {}, {});
            return pipeline::listCandidates(session, first, job);
        },
        [this](const std::shared_ptr<const std::vector<exporting::CandidateRow>>& rows) { showRows(*rows); });
}

void ExportDialog::showRows(const std::vector<exporting::CandidateRow>& rows)
{
    const QList<QStringList> cells = csvCells(exporting::candidatesCsv(rows, {}));
    m_preview->setRows(cells.value(0), cells.mid(1));
    say(rows.empty() ? tr("Nothing of this selection is scored.")
                     : tr("The first rows as they will be written; the provenance goes on top."),
        rows.empty());
    m_export->setEnabled(!rows.empty() && !m_job);
}

void ExportDialog::chooseFile()
{
    const QString chosen = QFileDialog::getSaveFileName(this, tr("Export candidates"), m_file->text(), {},
                                                        nullptr, QFileDialog::DontConfirmOverwrite);
    if (!chosen.isEmpty())
        m_file->setText(chosen);
}

void ExportDialog::updateFileName()
{
    const QFileInfo file(m_file->text());
    m_file->setText(
        file.dir().filePath(file.completeBaseName() + QLatin1Char('.') + m_format->currentData().toString()));
}

void ExportDialog::onFileEdited()
{
    m_mayReplace = false;
    m_export->setText(tr("Export"));
}

void ExportDialog::start()
{
    const auto session = m_context.session();
    const QFileInfo file(m_file->text().trimmed());
    if (m_job)
        return;
    if (!session || m_file->text().trimmed().isEmpty() || file.isDir()) {
        say(tr("Name a file to write."), true);
        return;
    }
    if (file.exists() && !std::exchange(m_mayReplace, true)) {
        say(tr("%1 exists already, written %2. Replace it?")
                .arg(file.fileName(), QLocale().toString(file.lastModified(), QLocale::ShortFormat)),
            true);
        m_export->setText(tr("Replace"));
        return;
    }
    m_context.settings().setValue(kFolderKey, file.absolutePath());
    say(tr("Writing %1…").arg(file.fileName()), false);
    m_export->setEnabled(false);
    m_job =
        m_context.jobs().start(exportJob(session, request(), m_format->currentData().toString().toStdString(),
                                         file.absoluteFilePath().toStdString()));
}

void ExportDialog::onJobFinished(const JobStatus& job)
{
    if (job.id != m_job)
        return;
    if (job.state == JobState::Done) {
        accept();
        return;
    }
    m_job.reset();
    m_export->setEnabled(true);
    onFileEdited(); // the file may have changed: ask again
    say(job.state == JobState::Failed ? job.error.toString() : tr("Stopped; no file was written."), true);
}

void ExportDialog::say(const QString& text, bool warning)
{
    widgets::say(m_note, text, warning);
}

} // namespace voorwerp::app
