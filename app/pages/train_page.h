// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Choose what to train on, start, watch, and score with the result.

#include "app/jobs/async_query.h"
#include "app/jobs/job.h"
#include "app/page.h"
#include "catalog/model_store.h"

#include <optional>

class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QTableView;

namespace voorwerp::widgets {
class ReconstructionGrid;
class TrainingCurves;
} // namespace voorwerp::widgets

namespace voorwerp::train {
struct Preview;
}

namespace voorwerp::app {

class DatasetChooser;
class MachineView;
class ModelTableModel;
class TrainSettingsForm;

class TrainPage : public Page
{
    Q_OBJECT

public:
    explicit TrainPage(AppContext& context, QWidget* parent = nullptr);

    void activate() override;
    bool isSettled() const override;
    void saveState(QSettings& settings) const override;
    void restoreState(QSettings& settings) override;

private:
    QWidget* makeLeft();
    QWidget* makeForm();
    QWidget* makeButtons();
    QWidget* makeRight();
    void addActions();
    void connectContext();
    void start(bool resume);
    void stop();
    void score();
    void loadRuns();
    void chooseNewestRun();
    void onRunChosen();
    void loadPreview();
    void forgetRun();
    void onJobChanged(const JobStatus& job);
    void onJobFinished(const JobStatus& job);
    void showTraining();
    void showPreview();
    void updateButtons();
    void updateEmptyTexts();
    void showError(const QString& text);
    void showState(const QString& text, const QString& device);

    DatasetChooser* m_chooser;
    TrainSettingsForm* m_form;
    QLineEdit* m_modelName;
    QPushButton* m_startButton;
    QPushButton* m_stopButton;
    QPushButton* m_resumeButton;
    QPushButton* m_scoreButton;
    QLabel* m_message;
    QLabel* m_state;  ///< above the curves: what they are of
    QLabel* m_device; ///< below that: what computes and how fast
    widgets::TrainingCurves* m_curves;
    widgets::ReconstructionGrid* m_grid;
    MachineView* m_machine; ///< below the curves while a training runs
    QTableView* m_runs;
    ModelTableModel* m_runModel;
    QSplitter* m_rows; ///< the training above, earlier runs below
    QSplitter* m_splitter;
    QSplitter* m_rightSplitter;
    QAction* m_startAction = nullptr;
    QAction* m_stopAction = nullptr;
    QAction* m_resumeAction = nullptr;
    QAction* m_scoreAction = nullptr;
    AsyncQuery m_runsQuery;
    AsyncQuery m_previewQuery;
    quint64 m_job = 0;      ///< training or demo under way; 0: none
    bool m_waiting = false; ///< for the job before it
    QString m_previewOf;    ///< NAME@VERSION whose reconstructions are still to be computed
    QString m_trainedModel; ///< NAME@VERSION of the last training: what Score uses
    bool m_runsLoaded = false;
};

} // namespace voorwerp::app
