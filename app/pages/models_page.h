// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Model versions with their aliases, where each came from, whether its file is intact, and which is champion:
// the one version of the workspace whose scores the pages show unless another is chosen.

#include "app/jobs/async_query.h"
#include "app/page.h"
#include "catalog/model_store.h"

class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;
class QTableWidget;

namespace voorwerp::widgets {
class EmptyState;
class TrainingCurves;
} // namespace voorwerp::widgets

namespace voorwerp::app {

class ModelTableModel;

class ModelsPage : public Page
{
    Q_OBJECT

public:
    explicit ModelsPage(AppContext& context, QWidget* parent = nullptr);

    void activate() override;
    void moveCurrent(int step) override;
    bool isSettled() const override;
    void saveState(QSettings& settings) const override;
    void restoreState(QSettings& settings) override;

private:
    struct Content
    {
        std::vector<catalog::ModelVersion> models;
        std::vector<catalog::AliasChange> history;
    };

    QWidget* makeDetails();
    void addActions();
    void load();
    void show(const Content& content);
    void showHistory(std::vector<catalog::AliasChange> history);
    void showDetails();
    void updateActions();
    void showLineageStep(const QString& link);
    const catalog::ModelVersion* chosen() const;
    void showScores();
    void verify();
    void say(const QString& text, bool warning);

    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    QSplitter* m_splitter;
    QTableView* m_table;
    ModelTableModel* m_model;
    QLabel* m_title;
    QLabel* m_lineage;
    QLabel* m_step;
    QLabel* m_facts;
    widgets::TrainingCurves* m_curves;
    QTableWidget* m_history;
    QLabel* m_message;
    QPushButton* m_showButton;
    QPushButton* m_promoteButton;
    QPushButton* m_rollBackButton;
    QPushButton* m_verifyButton;
    QAction* m_showAction = nullptr;
    QAction* m_promoteAction = nullptr;
    QAction* m_rollBackAction = nullptr;
    QAction* m_verifyAction = nullptr;
    AsyncQuery m_loadQuery;
    AsyncQuery m_verifyQuery;
    std::string m_rollBackTo; ///< the champion before this one; empty: none
    bool m_loaded = false;
};

} // namespace voorwerp::app
