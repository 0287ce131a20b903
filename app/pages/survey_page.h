// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is there: the table of targets with filter and sort done in PostgreSQL, and the spectrum of one.

#include "app/jobs/async_query.h"
#include "app/jobs/job.h"
#include "app/page.h"
#include "core/ids.h"

#include <optional>

class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace voorwerp::widgets {
class EmptyState;
}

namespace voorwerp::app {

class FilterLine;
class SelectionChips;
class SpectrumPanel;
class SurveySide;
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

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeTop();
    void addActions();
    void connectContext();
    void onFactsChanged();
    void applyQuery();
    void reloadWhenSeen();
    void onFirstPage();
    void onRowChanged();
    void onRowsPicked();
    void selectRowOfCurrent();
    void selectRow(int row);
    void onPlaced(core::SpectrumId id, bool listed, int row);
    void showPlace(bool listed);
    void showFromTheTop();
    void onJobChanged(const JobStatus& job);
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
    QToolButton* m_sideButton;
    SelectionChips* m_chips;
    QLabel* m_note; ///< outcome of saving or of an import
    QSplitter* m_splitter;
    QStackedWidget* m_tableStack;
    widgets::EmptyState* m_empty;
    QTableView* m_table;
    TargetTableModel* m_model;
    SurveySide* m_side;
    SpectrumPanel* m_panel;
    QAction* m_besideAction = nullptr;
    QAction* m_saveAction = nullptr;
    QAction* m_sideAction = nullptr;
    AsyncQuery m_saveQuery;
    bool m_queried = false;
    bool m_stale = false;         ///< labels changed while another page was in front
    bool m_fromTheTop = false;    ///< the first row is to become current
    std::optional<int> m_nextRow; ///< follows the current object, when that is not in the list
    QString m_importProgress;
    std::optional<bool> m_fitted; ///< columns were fitted, without or with those of the scores
};

} // namespace voorwerp::app
