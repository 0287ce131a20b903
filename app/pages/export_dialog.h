// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One dialog for the ranked list as a file: what, how many, which format, where; below, the first rows as
// they will be written. Exporting is a job.

#include "app/jobs/async_query.h"
#include "app/pipeline/candidates_job.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTableWidget;

namespace voorwerp::app {

class ExportDialog : public QDialog
{
    Q_OBJECT

public:
    explicit ExportDialog(AppContext& context, QWidget* parent = nullptr);

private:
    void loadSelections();
    void preview();
    void showRows(const std::vector<exporting::CandidateRow>& rows);
    void chooseFile();
    void start();
    void updateFileName();
    pipeline::CandidatesRequest request() const;

    AppContext& m_context;
    AsyncQuery m_selectionQuery;
    AsyncQuery m_previewQuery;
    QComboBox* m_selection;
    QComboBox* m_sort;
    QSpinBox* m_top;
    QComboBox* m_format;
    QLineEdit* m_file;
    QLabel* m_note;
    QTableWidget* m_preview;
    QPushButton* m_export;
};

} // namespace voorwerp::app
