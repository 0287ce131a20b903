// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One dialog for the ranked list as a file: what, how many, which format, where; below, the first rows as
// they will be written. Exporting is a job; the dialog stays until it is done, so that an error stands here.

#include "app/jobs/async_query.h"
#include "app/jobs/job.h"
#include "app/pipeline/candidates_job.h"
#include "core/ids.h"

#include <QDialog>

#include <optional>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace voorwerp::app {

class PreviewTable;

/// What the page shows when the dialog opens: that is what a person expects to export.
struct ShownCandidates
{
    std::vector<core::SpectrumId> ids;    ///< the rows of the list, in its order
    QString words;                        ///< what limits and sorts the list
    std::vector<core::SpectrumId> picked; ///< by rank; empty: nothing is
    QString pickedWords;
    QString sortKey; ///< of scoreValues()
};

class ExportDialog : public QDialog
{
    Q_OBJECT

public:
    ExportDialog(AppContext& context, ShownCandidates shown, QWidget* parent = nullptr);

private:
    void fillForm();
    void fillChoices();
    void updateWhat();
    void onFileEdited();
    void onJobFinished(const JobStatus& job);
    void say(const QString& text, bool warning);
    void loadSelections();
    void preview();
    void showRows(const std::vector<exporting::CandidateRow>& rows);
    void chooseFile();
    void start();
    void updateFileName();
    pipeline::CandidatesRequest request() const;

    AppContext& m_context;
    ShownCandidates m_shown;
    AsyncQuery m_selectionQuery;
    AsyncQuery m_previewQuery;
    QFormLayout* m_form;
    QComboBox* m_what;
    QComboBox* m_sort;
    QSpinBox* m_top;
    QComboBox* m_format;
    QLineEdit* m_file;
    QLabel* m_note;
    PreviewTable* m_preview;
    QPushButton* m_export;
    std::optional<quint64> m_job; ///< the export under way
    bool m_mayReplace = false;    ///< the person saw that the file exists
};

} // namespace voorwerp::app
