// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/model_table_model.h"

#include "widgets/table_setup.h"

#include <nlohmann/json.hpp>

#include <QDateTime>

#include <algorithm>
#include <tuple>

namespace voorwerp::app {

namespace {

double number(const nlohmann::json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

int integer(const nlohmann::json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<int>() : 0;
}

} // namespace

ModelMetrics metricsOf(const catalog::ModelVersion& version)
{
    ModelMetrics metrics;
    const nlohmann::json object = nlohmann::json::parse(version.metrics, nullptr, false);
    if (!object.is_object())
        return metrics;
    metrics.epochs = integer(object, "epochs");
    metrics.bestEpoch = integer(object, "best_epoch");
    metrics.stoppedEarly = object.value("stopped_early", nlohmann::json()) == true;
    metrics.trainLoss = number(object, "train_loss");
    metrics.validationLoss = number(object, "validation_loss");
    metrics.seconds = number(object, "seconds");
    metrics.spectraPerSecond = number(object, "spectra_per_second");
    const auto history = object.find("history");
    if (history == object.end() || !history->is_array())
        return metrics;
    for (const nlohmann::json& epoch : *history)
        if (epoch.is_object())
            metrics.history.push_back({number(epoch, "epoch"), number(epoch, "train_loss"),
                                       number(epoch, "validation_loss"), number(epoch, "validation_kl"),
                                       number(epoch, "beta"), number(epoch, "learning_rate")});
    return metrics;
}

QString shortTime(const std::string& iso)
{
    const QString text = QString::fromStdString(iso);
    const QDateTime time = QDateTime::fromString(text, Qt::ISODate);
    return time.isValid() ? time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd hh:mm")) : text;
}

void ModelTableModel::setModels(std::vector<catalog::ModelVersion> models)
{
    std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) {
        return std::tie(b.created, b.id) < std::tie(a.created, a.id);
    });
    beginResetModel();
    m_metrics.clear();
    for (const catalog::ModelVersion& model : models)
        m_metrics.push_back(metricsOf(model));
    m_models = std::move(models);
    endResetModel();
}

int ModelTableModel::rowOf(core::ModelVersionId id) const
{
    const auto found =
        std::find_if(m_models.begin(), m_models.end(), [id](const auto& model) { return model.id == id; });
    return found == m_models.end() ? -1 : static_cast<int>(found - m_models.begin());
}

int ModelTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_models.size());
}

int ModelTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString ModelTableModel::cell(std::size_t row, int column) const
{
    const catalog::ModelVersion& model = m_models[row];
    const ModelMetrics& metrics = m_metrics[row];
    switch (column) {
    case Name:
        return QString::fromStdString(model.reference());
    case Aliases: {
        QStringList tags; // the workspace's plain, a name's as a script writes it
        for (const std::string& alias : model.workspaceAliases)
            tags.append(QString::fromStdString(alias));
        for (const std::string& alias : model.aliases)
            tags.append(QString::fromStdString(model.name + "@" + alias));
        return tags.join(QStringLiteral(", "));
    }
    case ValidationLoss:
        return widgets::numberText(metrics.validationLoss, 4);
    case TrainLoss:
        return widgets::numberText(metrics.trainLoss, 4);
    case Epochs:
        return QString::number(metrics.epochs);
    case Dataset:
        return QString::fromStdString(model.dataset);
    default:
        return shortTime(model.created);
    }
}

QVariant ModelTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const bool isNumber =
        index.column() == ValidationLoss || index.column() == TrainLoss || index.column() == Epochs;
    if (role == Qt::DisplayRole)
        return cell(static_cast<std::size_t>(index.row()), index.column());
    if (role == Qt::TextAlignmentRole)
        return isNumber ? widgets::numberAlignment() : widgets::textAlignment();
    if (role == Qt::ToolTipRole && index.column() == Name)
        return tr("SHA-256 %1").arg(QString::fromStdString(model(index.row()).sha256));
    return {};
}

QVariant ModelTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section == ValidationLoss || section == TrainLoss || section == Epochs
                   ? widgets::numberAlignment()
                   : widgets::textAlignment();
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Model"),  tr("Aliases"),      tr("Validation loss"), tr("Training loss"),
                              tr("Epochs"), tr("Training set"), tr("Created")};
    return titles[section];
}

} // namespace voorwerp::app
