// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is there: the table of targets with filter and sort done in PostgreSQL, and the spectrum of one.

#include "app/jobs/async_query.h"
#include "app/jobs/job.h"
#include "app/page.h"

#include <optional>

class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace voorwerp::widgets {
class EmptyState;
}

namespace voorwerp::app {

class FilterLine;
class SpectrumPanel;
class TargetTableModel;

class SurveyPage : public Page
{
    Q_OBJECT

public:
    explicit SurveyPage(AppContext& context, QWidget* parent = nullptr);

    void activate() override;
    void moveCurrent(int step) override;
    bool isSettled() const override;
    void saveState(QSettings& settings) const override;
    void restoreState(QSettings& settings) override;

private:
    QWidget* makeTop();
    void addActions();
    void connectContext();
    void onFactsChanged();
    void applyQuery();
    void onFirstPage();
    void onRowChanged();
    void onRowsPicked();
    void selectRowOfCurrent();
    void prefetchAround(int row);
    void showTableError(const ErrorText& error);
    void updateEmptyState();
    void saveSelectionAs();
    void saveSelection(const QString& name);
    void setSpectrumBeside(bool beside);
    void onJobFinished(const JobStatus& job);
    void copyTargetIds();

    FilterLine* m_filter;
    QPushButton* m_saveButton;
    QLabel* m_note; ///< outcome of saving or of an import
    QSplitter* m_splitter;
    QStackedWidget* m_tableStack;
    widgets::EmptyState* m_empty;
    QTableView* m_table;
    TargetTableModel* m_model;
    SpectrumPanel* m_panel;
    QAction* m_besideAction = nullptr;
    QAction* m_saveAction = nullptr;
    AsyncQuery m_saveQuery;
    bool m_queried = false;
    std::optional<bool> m_fitted; ///< columns were fitted, without or with those of the scores
};

} // namespace voorwerp::app
