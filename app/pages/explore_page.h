// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The latent map, the distribution of a score, the spectrum, and the table of what is selected: all show one
// selection and change it together.

#include "app/page.h"
#include "app/score_data.h"

class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace voorwerp::widgets {
class EmptyState;
class LatentMap;
class ScoreHistogram;
enum class SelectMode;
} // namespace voorwerp::widgets

namespace voorwerp::app {

class CandidateTableModel;
class SimilarRow;
class SpectrumPanel;
struct ErrorText;

class ExplorePage : public Page
{
    Q_OBJECT

public:
    explicit ExplorePage(AppContext& context, QWidget* parent = nullptr);

    void activate() override;
    void moveCurrent(int step) override;
    bool isSettled() const override;
    void saveState(QSettings& settings) const override;
    void restoreState(QSettings& settings) override;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeLeft();
    QWidget* makeMap();
    QWidget* makeRight();
    QWidget* makeBottom();
    void addActions();
    void connectViews();
    void connectContext();
    void onScores();
    void fillAxes();
    void showMap();
    void showValue(int index);
    void colourMap(int index);
    void onPicked();
    void onCurrent();
    void pick(const std::vector<std::uint32_t>& rows, const QString& words, widgets::SelectMode mode);
    void pickAbove(double cut);
    void updateTable();
    void selectRowOfCurrent();
    void updateEmptyState();
    void foldTable(bool folded);
    std::vector<std::uint32_t> pickedRows() const;
    std::optional<std::uint32_t> currentRow() const;

    ScoreDataPointer m_data;
    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    QSplitter* m_columns;
    QSplitter* m_left;
    QSplitter* m_rows;
    widgets::LatentMap* m_map;
    widgets::ScoreHistogram* m_histogram;
    QComboBox* m_xBox;
    QComboBox* m_yBox;
    QComboBox* m_valueBox;
    SpectrumPanel* m_panel;
    SimilarRow* m_similar;
    QToolButton* m_fold;
    QLabel* m_summary;
    QTableView* m_table;
    CandidateTableModel* m_model;
    QString m_xAxis; ///< keys of mapAxes(); not there: the principal components
    QString m_yAxis;
    bool m_cutting = false; ///< the pick that is being made is the histogram's cut
    int m_value = 0;        ///< index of scoreValues() in the histogram
    int m_colour = 1;       ///< index of the colour choices: density, values, kind, label
    bool m_fitted = false;  ///< the table's columns, at its first rows
    QString m_error;
};

} // namespace voorwerp::app
