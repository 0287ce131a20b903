// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/export_dialog.h"

#include "app/app_context.h"
#include "app/jobs/workbench_jobs.h"
#include "app/score_data.h"
#include "app/workspace_facts.h"
#include "catalog/selection_store.h"
#include "widgets/table_setup.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace voorwerp::app {

namespace {

constexpr int kPreviewRows = 8;
constexpr int kMostRows = 10'000'000;

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

ExportDialog::ExportDialog(AppContext& context, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_selectionQuery(context)
    , m_previewQuery(context)
    , m_selection(new QComboBox)
    , m_sort(new QComboBox)
    , m_top(new QSpinBox)
    , m_format(new QComboBox)
    , m_file(new QLineEdit)
    , m_note(new QLabel)
    , m_preview(new QTableWidget)
{
    setObjectName(QStringLiteral("exportDialog"));
    setWindowTitle(tr("Export candidates"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_selection->addItem(tr("all scored spectra"), QString());
    for (const ScoreValue& value : scoreValues())
        m_sort->addItem(value.name, QString::fromLatin1(value.key));
    m_top->setRange(0, kMostRows);
    m_top->setValue(100);
    m_top->setSpecialValueText(tr("all"));
    m_top->setGroupSeparatorShown(true);
    m_format->addItem(tr("CSV, text with the provenance on top"), QStringLiteral("csv"));
    m_format->addItem(tr("FITS binary table"), QStringLiteral("fits"));
    m_file->setText(QDir::home().filePath(QStringLiteral("candidates.csv")));
    m_file->setObjectName(QStringLiteral("exportFile"));
    m_note->setWordWrap(true);
    m_preview->setObjectName(QStringLiteral("exportPreview"));
    widgets::setupTable(m_preview);
    m_preview->setSelectionMode(QAbstractItemView::NoSelection);
    m_preview->horizontalHeader()->setStretchLastSection(false);

    auto* browse = new QToolButton;
    browse->setText(tr("Browse…"));
    auto* fileRow = new QHBoxLayout;
    fileRow->addWidget(m_file, 1);
    fileRow->addWidget(browse);
    auto* form = new QFormLayout;
    form->addRow(tr("From"), m_selection);
    form->addRow(tr("Highest by"), m_sort);
    form->addRow(tr("Rows"), m_top);
    form->addRow(tr("Format"), m_format);
    form->addRow(tr("File"), fileRow);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_export = buttons->addButton(tr("Export"), QDialogButtonBox::AcceptRole);
    auto* column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(m_note);
    column->addWidget(m_preview, 1);
    column->addWidget(buttons);
    resize(860, 480);
    for (QAbstractButton* button : buttons->buttons())
        static_cast<QPushButton*>(button)->setAutoDefault(false);
    m_export->setDefault(true);

    connect(browse, &QToolButton::clicked, this, &ExportDialog::chooseFile);
    connect(buttons, &QDialogButtonBox::accepted, this, &ExportDialog::start);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_selection, &QComboBox::currentIndexChanged, this, &ExportDialog::preview);
    connect(m_sort, &QComboBox::currentIndexChanged, this, &ExportDialog::preview);
    connect(m_top, &QSpinBox::valueChanged, this, &ExportDialog::preview);
    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::updateFileName);
    connect(&m_previewQuery, &AsyncQuery::failed, this, [this](const ErrorText& error) {
        m_preview->setRowCount(0);
        m_note->setText(error.toString());
        m_export->setEnabled(false);
    });
    loadSelections();
    preview();
}

pipeline::CandidatesRequest ExportDialog::request() const
{
    pipeline::CandidatesRequest request;
    if (const auto& model = m_context.facts().shownModel())
        request.model = model->reference();
    request.selection = m_selection->currentData().toString().toStdString();
    request.sortBy = m_sort->currentData().toString().toStdString();
    request.top = m_top->value();
    return request;
}

void ExportDialog::loadSelections()
{
    m_selectionQuery.ask([](const pipeline::Session& session,
                            std::stop_token) { return catalog::listSelections(session.database()); },
                         [this](const std::shared_ptr<const std::vector<catalog::Selection>>& selections) {
                             for (const catalog::Selection& selection : *selections)
                                 m_selection->addItem(QString::fromStdString(selection.name),
                                                      QString::fromStdString(selection.name));
                         });
}

void ExportDialog::preview()
{
    pipeline::CandidatesRequest first = request();
    first.top = first.top == 0 ? kPreviewRows : std::min<std::int64_t>(first.top, kPreviewRows);
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
    m_preview->setRowCount(static_cast<int>(rows.size()));
    m_preview->setColumnCount(static_cast<int>(cells.value(0).size()));
    m_preview->setHorizontalHeaderLabels(cells.value(0));
    for (int row = 1; row < cells.size(); ++row) {
        for (int column = 0; column < cells[row].size(); ++column) {
            auto* item = new QTableWidgetItem(cells[row][column]);
            bool number = false;
            (void)cells[row][column].toDouble(&number);
            item->setTextAlignment(number ? Qt::AlignRight | Qt::AlignVCenter
                                          : Qt::AlignLeft | Qt::AlignVCenter);
            m_preview->setItem(row - 1, column, item);
        }
    }
    widgets::fitColumns(m_preview, 220);
    m_note->setText(rows.empty() ? tr("Nothing of this selection is scored.")
                                 : tr("The first rows as they will be written; the provenance goes on top."));
    m_export->setEnabled(!rows.empty());
}

void ExportDialog::chooseFile()
{
    const QString chosen = QFileDialog::getSaveFileName(this, tr("Export candidates"), m_file->text());
    if (!chosen.isEmpty())
        m_file->setText(chosen);
}

void ExportDialog::updateFileName()
{
    const QFileInfo file(m_file->text());
    m_file->setText(
        file.dir().filePath(file.completeBaseName() + QLatin1Char('.') + m_format->currentData().toString()));
}

void ExportDialog::start()
{
    const auto session = m_context.session();
    if (!session || m_file->text().trimmed().isEmpty()) {
        m_note->setText(tr("Name a file to write."));
        return;
    }
    m_context.jobs().start(exportJob(session, request(), m_format->currentData().toString().toStdString(),
                                     m_file->text().trimmed().toStdString()));
    accept();
}

} // namespace voorwerp::app
