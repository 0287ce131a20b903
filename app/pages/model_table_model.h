// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Model versions as a table: newest first, with aliases, training set and losses. GUI thread only.

#include "catalog/model_store.h"

#include <QAbstractTableModel>

#include <limits>
#include <vector>

namespace voorwerp::app {

/// Numbers of a version's metrics that tables and curves show.
struct ModelMetrics
{
    struct Epoch
    {
        double epoch = 0.0;
        double trainLoss = std::numeric_limits<double>::quiet_NaN();
        double validationLoss = std::numeric_limits<double>::quiet_NaN();
        double kl = std::numeric_limits<double>::quiet_NaN();
        double beta = std::numeric_limits<double>::quiet_NaN();
        double learningRate = std::numeric_limits<double>::quiet_NaN();
    };
    int epochs = 0;
    int bestEpoch = 0;
    bool stoppedEarly = false;
    double trainLoss = std::numeric_limits<double>::quiet_NaN();
    double validationLoss = std::numeric_limits<double>::quiet_NaN();
    double seconds = std::numeric_limits<double>::quiet_NaN();
    double spectraPerSecond = std::numeric_limits<double>::quiet_NaN();
    std::vector<Epoch> history;
};

/// What cannot be read stays at its default: old versions may have other metrics.
ModelMetrics metricsOf(const catalog::ModelVersion& version);

class ModelTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Aliases, ValidationLoss, TrainLoss, Epochs, Dataset, Created, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void setModels(std::vector<catalog::ModelVersion> models);
    const catalog::ModelVersion& model(int row) const { return m_models[static_cast<std::size_t>(row)]; }
    /// -1: not there.
    int rowOf(core::ModelVersionId id) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString cell(std::size_t row, int column) const;

    std::vector<catalog::ModelVersion> m_models;
    std::vector<ModelMetrics> m_metrics; ///< same order
};

/// "2026-11-21 10:43" in local time from ISO 8601; the text itself where it is something else.
QString shortTime(const std::string& iso);

} // namespace voorwerp::app
