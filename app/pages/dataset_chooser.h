// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What to train on: a training set that is there, or a selection and a recipe from which one is built.

#include "app/jobs/async_query.h"
#include "app/jobs/job.h"
#include "catalog/dataset_store.h"
#include "catalog/selection_store.h"
#include "core/wavelength_grid.h"

#include <QWidget>

#include <map>
#include <string>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace voorwerp::app {

class DatasetChooser : public QWidget
{
    Q_OBJECT

public:
    explicit DatasetChooser(AppContext& context, QWidget* parent = nullptr);

    /// Name of the chosen training set; empty: none, or a new one that is not built yet.
    QString dataset() const;
    /// The selection that the chosen training set was made from.
    QString selectionOfDataset() const;
    void choose(const QString& dataset);
    bool isSettled() const { return m_loaded && !m_listQuery.isBusy() && !m_countQuery.isBusy(); }

signals:
    void datasetChanged();

private:
    struct Lists
    {
        std::vector<catalog::DatasetRecord> datasets;
        std::vector<catalog::Selection> selections;
        std::map<std::string, core::LogGrid> recipes; ///< name → rest-frame grid
    };

    void load();
    void showLists(const Lists& lists);
    void onDatasetChosen();
    void describe();
    void countCoverage();
    /// The expression of the chosen selection, without the rule.
    std::string chosenWhere() const;
    void build();
    void onJobFinished(const JobStatus& job);

    AppContext& m_context;
    AsyncQuery m_listQuery;
    AsyncQuery m_countQuery;
    AsyncQuery m_saveQuery;
    Lists m_lists;
    QComboBox* m_dataset;
    QLabel* m_facts;
    QWidget* m_newPart;
    QComboBox* m_selection;
    QComboBox* m_rule;
    QComboBox* m_recipe;
    QComboBox* m_storage;
    QLineEdit* m_name;
    QPushButton* m_build;
    QLabel* m_error;
    QString m_wanted; ///< to be chosen when the list has it
    bool m_loaded = false;
};

} // namespace voorwerp::app
