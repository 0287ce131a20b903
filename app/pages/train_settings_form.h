// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The settings of a training: a few that matter, each explained, and all others folded away. And those of
// scoring with its result.

#include "train/train_config.h"

#include <QMap>
#include <QWidget>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace voorwerp::app {

class TrainSettingsForm : public QWidget
{
    Q_OBJECT

public:
    explicit TrainSettingsForm(QWidget* parent = nullptr);

    /// Throws UserError naming the first key that is wrong.
    train::TrainConfig config() const;
    void setConfig(const train::TrainConfig& config);
    QString device() const;
    void setDevice(const QString& device);
    /// Arithmetic of scoring: "fp32" or "tf32".
    QString scoringPrecision() const;
    void setScoringPrecision(const QString& precision);
    /// Text of one key, as typed.
    QLineEdit* field(const QString& key) const { return m_fields.value(key); }
    /// Whether the advanced settings are unfolded.
    bool isUnfolded() const;
    void setUnfolded(bool unfolded);
    /// Keys whose text is not the default, to be remembered.
    QVariantMap changedTexts() const;
    void setTexts(const QVariantMap& texts);

signals:
    void edited();

private:
    void addField(QFormLayout* form, const QString& key, const QString& label);

    QMap<QString, QLineEdit*> m_fields;
    QComboBox* m_device;
    QComboBox* m_scoringPrecision;
    QToolButton* m_fold;
    QWidget* m_advanced;
};

} // namespace voorwerp::app
