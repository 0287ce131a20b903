// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/match_dialog.h"

#include "app/app_context.h"
#include "app/jobs/match_jobs.h"
#include "app/pages/import_report.h"
#include "app/pages/preview_table.h"
#include "app/pipeline/provenance.h"
#include "widgets/message.h"
#include "widgets/separation_plot.h"
#include "widgets/table_setup.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace voorwerp::app {

namespace {

constexpr std::size_t kPreviewRows = 8;
const QString kFolderKey = QStringLiteral("match/folder");
const QString kRadiusKey = QStringLiteral("match/radius");

QString q(const std::string& text)
{
    return QString::fromStdString(text);
}

QString number(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

} // namespace

MatchDialog::MatchDialog(AppContext& context, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_listQuery(context)
    , m_previewQuery(context)
    , m_removeQuery(context)
    , m_catalogue(new QComboBox)
    , m_file(new QLineEdit)
    , m_name(new QLineEdit)
    , m_ra(new QComboBox)
    , m_dec(new QComboBox)
    , m_radius(new QDoubleSpinBox)
    , m_filtered(new QCheckBox(tr("only the spectra of the filter")))
    , m_note(new QLabel)
    , m_stack(new QStackedWidget)
    , m_preview(new PreviewTable)
    , m_numbers(new QLabel)
    , m_plot(new widgets::SeparationPlot)
{
    setObjectName(QStringLiteral("matchDialog"));
    setWindowTitle(tr("Match with a catalogue"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* column = new QVBoxLayout(this);
    column->addWidget(makeForm());
    m_note->setWordWrap(true);
    m_note->setObjectName(QStringLiteral("matchNote"));
    column->addWidget(m_note);
    m_preview->setObjectName(QStringLiteral("matchPreview"));
    m_stack->addWidget(m_preview);
    m_stack->addWidget(makeResult());
    column->addWidget(m_stack, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_match = buttons->addButton(tr("Match"), QDialogButtonBox::ActionRole);
    m_stop = buttons->addButton(tr("Stop"), QDialogButtonBox::ActionRole);
    m_show = buttons->addButton(tr("Show matches"), QDialogButtonBox::ActionRole);
    m_remove = buttons->addButton(tr("Remove catalogue"), QDialogButtonBox::ResetRole);
    for (QAbstractButton* button : buttons->buttons())
        static_cast<QPushButton*>(button)->setAutoDefault(false);
    m_match->setDefault(true);
    m_match->setObjectName(QStringLiteral("matchButton"));
    m_stop->setObjectName(QStringLiteral("matchStop"));
    m_show->setObjectName(QStringLiteral("showMatches"));
    m_remove->setObjectName(QStringLiteral("removeCatalogue"));
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    resize(820, 560);
    connectAll();
    loadCatalogues();
    updateButtons();
}

QWidget* MatchDialog::makeForm()
{
    auto* browse = new QToolButton;
    browse->setText(tr("Browse…"));
    connect(browse, &QToolButton::clicked, this, &MatchDialog::chooseFile);
    m_fileRow = new QWidget;
    auto* fileRow = new QHBoxLayout(m_fileRow);
    fileRow->setContentsMargins({});
    fileRow->addWidget(m_file, 1);
    fileRow->addWidget(browse);
    m_file->setPlaceholderText(tr("CSV, ECSV, VOTable or FITS table"));
    m_file->setObjectName(QStringLiteral("matchFile"));
    m_catalogue->setObjectName(QStringLiteral("matchCatalogue"));
    m_name->setObjectName(QStringLiteral("matchName"));
    m_name->setToolTip(tr("For expressions: matched('name') and separation('name') < 1"));
    m_ra->setObjectName(QStringLiteral("matchRa"));
    m_dec->setObjectName(QStringLiteral("matchDec"));
    m_radius->setObjectName(QStringLiteral("matchRadius"));
    m_radius->setRange(0.01, catalog::kLargestMatchRadius);
    m_radius->setDecimals(2);
    m_radius->setSuffix(QStringLiteral("″"));
    m_radius->setValue(m_context.settings().value(kRadiusKey, 1.0).toDouble());
    m_filtered->setEnabled(!m_context.selection().filter().isEmpty());
    m_filtered->setToolTip(m_context.selection().filter());
    auto* places = new QWidget;
    auto* placesRow = new QHBoxLayout(places);
    placesRow->setContentsMargins({});
    placesRow->addWidget(m_ra, 1);
    placesRow->addWidget(m_dec, 1);
    auto* radiusRow = new QHBoxLayout;
    radiusRow->addWidget(m_radius);
    radiusRow->addWidget(m_filtered, 1);
    auto* widget = new QWidget;
    m_form = new QFormLayout(widget);
    m_form->setContentsMargins({});
    m_form->addRow(tr("Catalogue"), m_catalogue);
    m_form->addRow(tr("File"), m_fileRow);
    m_form->addRow(tr("Name"), m_name);
    m_form->addRow(tr("RA and Dec"), places);
    m_form->addRow(tr("Radius"), radiusRow);
    return widget;
}

QWidget* MatchDialog::makeResult()
{
    auto* result = new QWidget;
    auto* column = new QVBoxLayout(result);
    column->setContentsMargins({});
    m_numbers->setObjectName(QStringLiteral("matchNumbers"));
    m_numbers->setWordWrap(true);
    m_numbers->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_numbers);
    column->addWidget(m_plot, 1);
    m_plot->setObjectName(QStringLiteral("matchPlot"));
    return result;
}

void MatchDialog::connectAll()
{
    connect(m_catalogue, &QComboBox::currentIndexChanged, this, &MatchDialog::onCatalogueChosen);
    connect(m_file, &QLineEdit::editingFinished, this, &MatchDialog::preview);
    connect(m_name, &QLineEdit::textChanged, this, [this] {
        m_mayReplace = false;
        updateButtons();
    });
    connect(m_plot, &widgets::SeparationPlot::radiusChosen, m_radius, &QDoubleSpinBox::setValue);
    connect(m_match, &QPushButton::clicked, this, &MatchDialog::start);
    connect(m_stop, &QPushButton::clicked, this, [this] {
        if (m_job)
            m_context.jobs().stop(*m_job);
    });
    connect(m_show, &QPushButton::clicked, this, &MatchDialog::showMatches);
    connect(m_remove, &QPushButton::clicked, this, &MatchDialog::removeCatalogue);
    connect(&m_context.jobs(), &JobRunner::jobChanged, this, &MatchDialog::onJobChanged);
    connect(&m_context.jobs(), &JobRunner::jobFinished, this, &MatchDialog::onJobFinished);
    for (AsyncQuery* query : {&m_listQuery, &m_previewQuery, &m_removeQuery})
        connect(query, &AsyncQuery::failed, this,
                [this](const ErrorText& error) { say(error.toString(), true); });
}

void MatchDialog::loadCatalogues(const QString& select)
{
    m_listQuery.ask(
        [](const pipeline::Session& session, std::stop_token) {
            return session.isBrowsing() ? std::vector<catalog::ImportedCatalogue>()
                                        : catalog::listCatalogues(session.database());
        },
        [this, select](const std::shared_ptr<const std::vector<catalog::ImportedCatalogue>>& list) {
            m_catalogues = *list;
            const QSignalBlocker quiet(m_catalogue);
            m_catalogue->clear();
            m_catalogue->addItem(tr("from a file"), QString());
            for (const catalog::ImportedCatalogue& catalogue : m_catalogues)
                m_catalogue->addItem(tr("%1 (%2 rows)").arg(q(catalogue.name), number(catalogue.rows)),
                                     q(catalogue.name));
            m_catalogue->setCurrentIndex(std::max(0, m_catalogue->findData(select)));
            onCatalogueChosen();
        });
}

const catalog::ImportedCatalogue* MatchDialog::chosen() const
{
    const int index = m_catalogue->currentIndex() - 1;
    return index >= 0 && index < static_cast<int>(m_catalogues.size())
               ? &m_catalogues[static_cast<std::size_t>(index)]
               : nullptr;
}

QString MatchDialog::name() const
{
    const auto* catalogue = chosen();
    return catalogue != nullptr ? q(catalogue->name) : m_name->text().trimmed();
}

void MatchDialog::onCatalogueChosen()
{
    const auto* catalogue = chosen();
    for (int row = 1; row <= 3; ++row)
        m_form->setRowVisible(row, catalogue == nullptr);
    m_mayRemove = false;
    m_remove->setText(tr("Remove catalogue"));
    if (catalogue != nullptr)
        showMatch(*catalogue);
    else
        preview();
    updateButtons();
}

void MatchDialog::setFile(const QString& path)
{
    m_file->setText(path);
    m_name->setText(q(catalog::catalogueNameOf(QFileInfo(path).fileName().toStdString())));
    m_context.settings().setValue(kFolderKey, QFileInfo(path).absolutePath());
    m_catalogue->setCurrentIndex(0);
    preview();
}

void MatchDialog::chooseFile()
{
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Catalogue to match with"),
                                     m_context.settings().value(kFolderKey, QDir::homePath()).toString(),
                                     tr("Catalogues (*.csv *.ecsv *.txt *.tsv *.xml *.vot *.votable *.fits "
                                        "*.fit *.fits.gz);;All files (*)"));
    if (!path.isEmpty())
        setFile(path);
}

void MatchDialog::preview()
{
    m_stack->setCurrentIndex(0);
    m_preview->setRows({}, {});
    m_ra->clear();
    m_dec->clear();
    updateButtons();
    const std::filesystem::path file = m_file->text().trimmed().toStdString();
    if (file.empty())
        return say(tr("Choose a file with a column for RA and one for Dec; all its columns are kept."),
                   false);
    if (m_name->text().isEmpty())
        m_name->setText(q(catalog::catalogueNameOf(file.filename().string())));
    m_previewQuery.ask(
        [file](const pipeline::Session&, std::stop_token) {
            return pipeline::previewCatalogue(file, kPreviewRows);
        },
        [this](const std::shared_ptr<const pipeline::CataloguePreview>& preview) { showPreview(*preview); });
}

void MatchDialog::fillColumns(QComboBox* box, const pipeline::CataloguePreview& preview, bool ra)
{
    if (!preview.sky)
        box->addItem(ra ? tr("RA: choose a column") : tr("Dec: choose a column"), QString());
    for (const exporting::ForeignColumn& column : preview.columns)
        box->addItem(q(column.name), q(column.name));
    if (preview.sky)
        box->setCurrentIndex(static_cast<int>(ra ? preview.sky->ra : preview.sky->dec));
}

void MatchDialog::showPreview(const pipeline::CataloguePreview& preview)
{
    fillColumns(m_ra, preview, true);
    fillColumns(m_dec, preview, false);
    QStringList headings;
    for (const exporting::ForeignColumn& column : preview.columns)
        headings << widgets::headerText(q(column.name), q(column.unit));
    QList<QStringList> rows;
    for (const auto& row : preview.rows) {
        rows.emplaceBack();
        for (const auto& cell : row.cells)
            rows.back() << q(cell.value_or(""));
    }
    m_preview->setRows(headings, rows);
    for (std::size_t column = 0; column < preview.columns.size(); ++column)
        m_preview->horizontalHeaderItem(static_cast<int>(column))
            ->setToolTip(q(preview.columns[column].description));
    QString text = preview.sky
                       ? tr("%1. RA and Dec were found %2; the first rows:")
                             .arg(q(preview.format),
                                  preview.sky->reason == "by UCD" ? tr("by their UCD") : tr("by their names"))
                       : tr("%1. Which columns are RA and Dec?").arg(q(preview.format));
    for (const std::string& note : preview.notes)
        text += QLatin1Char('\n') + q(note);
    say(text, !preview.sky);
    connect(m_ra, &QComboBox::currentIndexChanged, this, &MatchDialog::updateButtons, Qt::UniqueConnection);
    connect(m_dec, &QComboBox::currentIndexChanged, this, &MatchDialog::updateButtons, Qt::UniqueConnection);
    updateButtons();
}

void MatchDialog::showMatch(const catalog::ImportedCatalogue& catalogue)
{
    m_stack->setCurrentIndex(1);
    QString text = tr("%1 rows of %2, imported %3.")
                       .arg(number(catalogue.rows), QFileInfo(q(catalogue.source)).fileName(),
                            q(catalogue.imported.substr(0, 10)));
    if (catalogue.rejected > 0)
        text += tr(" Left out because they have no place: %1.").arg(number(catalogue.rejected));
    m_numbers->clear();
    m_plot->setPoints({}, 0.0);
    const auto& match = catalogue.match;
    if (match) {
        showStatistics(catalog::MatchStatistics::fromJson(match->statistics));
        m_radius->setValue(match->radiusArcsec);
        if (!match->where.empty())
            text += tr(" Matched with the spectra of: %1.").arg(q(match->where));
    } else {
        text += tr(" Not matched yet.");
    }
    const bool outdated = match && match->outdated;
    if (outdated)
        text += tr(" Spectra came or went since the match: match again.");
    say(text, outdated);
}

void MatchDialog::showStatistics(const catalog::MatchStatistics& statistics)
{
    const QLocale locale;
    const auto decimal = [&locale](double value) {
        return locale.toString(value, 'f', value < 100.0 ? 1 : 0);
    };
    m_numbers->setText(
        tr("<b>%1</b> of %2 rows match %3 objects (%4 spectra) within %5″; %6 rows lie in the "
           "footprint, %7 have more "
           "than one object.<br>By chance: <b>%8</b> from the density of objects (line), <b>%9</b> ± "
           "%10 from shifted places (dashed).")
            .arg(number(statistics.matched), number(statistics.rows), number(statistics.objects),
                 number(statistics.spectra), locale.toString(statistics.radiusArcsec, 'g', 4),
                 number(statistics.inFootprint), number(statistics.multiple),
                 decimal(statistics.chanceByDensity), decimal(statistics.chanceByShift))
            .arg(decimal(statistics.chanceByShiftError)));
    std::vector<widgets::SeparationPoint> points;
    for (const catalog::MatchCurvePoint& point : statistics.curve)
        points.push_back({point.radiusArcsec, static_cast<double>(point.matched), point.chanceByDensity,
                          point.chanceByShift});
    m_plot->setPoints(std::move(points), statistics.radiusArcsec);
}

void MatchDialog::start()
{
    const auto session = m_context.session();
    if (m_job || !session)
        return;
    std::optional<pipeline::CatalogueRequest> import;
    if (chosen() == nullptr) {
        import = pipeline::CatalogueRequest{name().toStdString(), m_file->text().trimmed().toStdString(),
                                            m_ra->currentData().toString().toStdString(),
                                            m_dec->currentData().toString().toStdString(), false};
        import->replace = m_catalogue->findData(name()) > 0;
        if (import->replace && !std::exchange(m_mayReplace, true)) {
            say(tr("There is a catalogue %1 already. Replace it, and its matches?").arg(name()), true);
            m_match->setText(tr("Replace"));
            return;
        }
    }
    catalog::MatchRequest match;
    match.catalogue = name().toStdString();
    match.radiusArcsec = m_radius->value();
    match.where = m_filtered->isChecked() ? m_context.selection().filter().toStdString() : std::string();
    match.who = pipeline::currentUser();
    m_context.settings().setValue(kRadiusKey, m_radius->value());
    m_running = name();
    m_job = m_context.jobs().start(matchJob(session, import, match));
    say(tr("Matching with %1…").arg(m_running), false);
    updateButtons();
}

void MatchDialog::onJobChanged(const JobStatus& job)
{
    if (job.id == m_job && job.state == JobState::Running)
        say(q(job.progress.phase) +
                (job.progress.detail.empty() ? QString() : QStringLiteral(": ") + q(job.progress.detail)),
            false);
}

void MatchDialog::onJobFinished(const JobStatus& job)
{
    if (job.id != m_job)
        return;
    m_job.reset();
    m_mayReplace = false;
    updateButtons();
    if (job.state == JobState::Done) {
        m_file->clear();
        m_name->clear();
        const QJsonArray problems = job.outcome.details.value(QStringLiteral("problems")).toArray();
        if (!problems.isEmpty())
            (new ImportReport(problems, this))->open();
        loadCatalogues(m_running);
        return;
    }
    say(job.state == JobState::Failed ? job.error.toString() : tr("Stopped; nothing was changed."), true);
}

void MatchDialog::showMatches()
{
    m_context.selection().setFilter(QStringLiteral("matched('%1')").arg(name()));
    emit m_context.showPage(QStringLiteral("survey"));
    accept();
}

void MatchDialog::removeCatalogue()
{
    const QString which = name();
    if (!std::exchange(m_mayRemove, true)) {
        m_remove->setText(tr("Really remove %1").arg(which));
        return;
    }
    m_removeQuery.ask(
        [which](const pipeline::Session& session, std::stop_token) {
            catalog::dropCatalogue(session.database(), which.toStdString());
            return true;
        },
        [this](const std::shared_ptr<const bool>&) {
            m_context.announceMatches();
            loadCatalogues();
        });
}

void MatchDialog::updateButtons()
{
    const auto* catalogue = chosen();
    const bool places = catalogue != nullptr || (!m_ra->currentData().toString().isEmpty() &&
                                                 !m_dec->currentData().toString().isEmpty());
    const catalog::Refusal refusal = m_context.permissions().whyNot(catalog::Right::Catalogue);
    m_match->setEnabled(!m_job && places && !name().isEmpty() && m_context.session() &&
                        refusal.message.empty());
    m_match->setToolTip(q(refusal.sentence()));
    if (!m_mayReplace)
        m_match->setText(catalogue == nullptr ? tr("Import and match") : tr("Match"));
    m_stop->setVisible(m_job.has_value());
    m_show->setEnabled(!m_job && catalogue != nullptr && catalogue->match);
    m_remove->setVisible(!m_job && catalogue != nullptr && refusal.message.empty());
}

void MatchDialog::say(const QString& text, bool warning)
{
    widgets::say(m_note, text, warning);
}

} // namespace voorwerp::app
