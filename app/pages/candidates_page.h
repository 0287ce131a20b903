// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The ranked list and the person who reads it: scores as bars, significance, suggested kind, labels by key,
// export. Review mode (F11) leaves the spectrum, its explanation, the label and the keys.

#include "app/page.h"
#include "app/score_data.h"

#include "catalog/label_store.h"

#include <optional>

class QCheckBox;
class QComboBox;
class QLabel;
class QSpinBox;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace voorwerp::widgets {
class EmptyState;
}

namespace voorwerp::app {

class CandidateTableModel;
class LabelBar;
class SelectionChips;
class SpectrumPanel;
struct ErrorText;
struct ShownCandidates;

class CandidatesPage : public Page
{
    Q_OBJECT

public:
    explicit CandidatesPage(AppContext& context, QWidget* parent = nullptr);

    void activate() override;
    void moveCurrent(int step) override;
    bool isSettled() const override;
    void saveState(QSettings& settings) const override;
    void restoreState(QSettings& settings) override;
    bool isReviewing() const { return m_reviewing; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeTop();
    QWidget* makeRight();
    void setUpTable();
    void addActions();
    void addLabelActions();
    void connectContext();
    void onScores();
    void updateRows();
    void onRowChanged();
    void selectRowOfCurrent();
    void onLabels();
    void onLabelFailed(const ErrorText& error);
    void onUndone(std::optional<core::TargetId> target);
    void showNote(const QString& html);
    void setClass(const std::string& labelClass);
    void setQuality(int quality);
    void setComment(const QString& comment);
    void acceptSuggestion();
    void clearLabel();
    ShownCandidates shownCandidates() const;
    void openExport();
    void setReviewing(bool reviewing);
    void updateEmptyState();
    std::optional<std::uint32_t> currentDataRow() const;
    std::optional<catalog::Label> currentLabel() const;
    bool isWanted(std::uint32_t row) const;
    QString runningJob() const;

    ScoreDataPointer m_data;
    QWidget* m_top = nullptr;
    QComboBox* m_sort;
    QSpinBox* m_count;
    SelectionChips* m_chips;
    QCheckBox* m_onlyPicked;
    QCheckBox* m_noArtefacts;
    QCheckBox* m_notLabelled;
    QLabel* m_note;
    QLabel* m_keys;
    QStackedWidget* m_tableStack;
    widgets::EmptyState* m_empty;
    QTableView* m_table;
    CandidateTableModel* m_model;
    QSplitter* m_splitter;
    SpectrumPanel* m_panel;
    LabelBar* m_labelBar = nullptr;
    QList<QAction*> m_classActions;
    QList<QAction*> m_qualityActions;
    QList<QAction*> m_targetActions; ///< what can be done to the current target
    QAction* m_review = nullptr;
    QAction* m_exportAction = nullptr;
    QString m_error;
    int m_lastRow = 0; ///< where moving goes on when the current object is not in the list
    bool m_fitted = false;
    bool m_reviewing = false;
};

} // namespace voorwerp::app
