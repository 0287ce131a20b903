// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// "Match with a catalogue…": a file (or a catalogue that was imported before), its columns of the place, a
// radius; the match runs as a job, and its result stands here: counts, what chance would give, separations,
// and a way to show the matches. Import and match are one step.

#include "app/jobs/async_query.h"
#include "app/jobs/job.h"
#include "app/pipeline/match_job.h"

#include <QDialog>

#include <optional>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace voorwerp::widgets {
class SeparationPlot;
}

namespace voorwerp::app {

class PreviewTable;

class MatchDialog : public QDialog
{
    Q_OBJECT

public:
    explicit MatchDialog(AppContext& context, QWidget* parent = nullptr);
    /// As if the person had chosen it.
    void setFile(const QString& path);

private:
    QWidget* makeForm();
    QWidget* makeResult();
    void connectAll();
    void loadCatalogues(const QString& select = {});
    void onCatalogueChosen();
    void chooseFile();
    void preview();
    void showPreview(const pipeline::CataloguePreview& preview);
    void fillColumns(QComboBox* box, const pipeline::CataloguePreview& preview, bool ra);
    void showMatch(const catalog::ImportedCatalogue& catalogue);
    void showStatistics(const catalog::MatchStatistics& statistics);
    void start();
    void onJobChanged(const JobStatus& job);
    void onJobFinished(const JobStatus& job);
    void showMatches();
    void removeCatalogue();
    void say(const QString& text, bool warning);
    void updateButtons();
    /// The imported catalogue that is chosen; nullptr: a file.
    const catalog::ImportedCatalogue* chosen() const;
    QString name() const;

    AppContext& m_context;
    AsyncQuery m_listQuery, m_previewQuery, m_removeQuery;
    std::vector<catalog::ImportedCatalogue> m_catalogues;
    QFormLayout* m_form = nullptr;
    QComboBox* m_catalogue;
    QLineEdit* m_file;
    QWidget* m_fileRow = nullptr;
    QLineEdit* m_name;
    QComboBox *m_ra, *m_dec;
    QDoubleSpinBox* m_radius;
    QCheckBox* m_filtered;
    QLabel* m_note;
    QStackedWidget* m_stack;
    PreviewTable* m_preview;
    QLabel* m_numbers;
    widgets::SeparationPlot* m_plot;
    QPushButton *m_match, *m_stop, *m_show, *m_remove;
    std::optional<quint64> m_job; ///< the match under way
    QString m_running;            ///< the catalogue of that job
    bool m_mayReplace = false;    ///< the person saw that the name is taken
    bool m_mayRemove = false;     ///< the person was asked
};

} // namespace voorwerp::app
