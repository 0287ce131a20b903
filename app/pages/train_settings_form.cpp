// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/train_settings_form.h"

#include "app/device_list.h"
#include "widgets/theme.h"

#include <nlohmann/json.hpp>

#include <QComboBox>
#include <QCoreApplication>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include <algorithm>

namespace voorwerp::app {

namespace {

/// The settings shown at once; all others are advanced.
struct MainSetting
{
    const char* key;
    const char* label;
    const char* hint;
};
constexpr MainSetting kMainSettings[] = {
    {"latent", QT_TRANSLATE_NOOP("TrainSettings", "Latent dimensions"),
     QT_TRANSLATE_NOOP("TrainSettings", "Numbers that describe a spectrum; 8 to 32 are sensible")},
    {"hidden", QT_TRANSLATE_NOOP("TrainSettings", "Layer widths"),
     QT_TRANSLATE_NOOP("TrainSettings", "Of the encoder; the decoder mirrors them")},
    {"epochs", QT_TRANSLATE_NOOP("TrainSettings", "Epochs"),
     QT_TRANSLATE_NOOP("TrainSettings", "At most; it ends earlier when the validation loss stays")},
    {"learning_rate", QT_TRANSLATE_NOOP("TrainSettings", "Learning rate"),
     QT_TRANSLATE_NOOP("TrainSettings", "The highest one: it rises at the start, then falls")},
    {"seed", QT_TRANSLATE_NOOP("TrainSettings", "Seed"),
     QT_TRANSLATE_NOOP("TrainSettings", "The same seed gives the same model on this machine")},
};

bool isMainSetting(const QString& key)
{
    for (const MainSetting& setting : kMainSettings)
        if (key == QLatin1String(setting.key))
            return true;
    return false;
}

QString textOf(const nlohmann::json& value)
{
    if (value.is_string())
        return QString::fromStdString(value.get<std::string>());
    if (!value.is_array())
        return QString::fromStdString(value.dump());
    QStringList items;
    for (const nlohmann::json& item : value)
        items.append(QString::fromStdString(item.dump()));
    return items.join(QStringLiteral(", "));
}

QString helpOf(const QString& key)
{
    for (const train::TrainKey& known : train::trainKeys())
        if (QString::fromStdString(known.name) == key)
            return QString::fromStdString(known.help);
    return {};
}

} // namespace

TrainSettingsForm::TrainSettingsForm(QWidget* parent)
    : QWidget(parent)
    , m_device(new QComboBox)
    , m_scoringPrecision(new QComboBox)
    , m_fold(new QToolButton)
    , m_advanced(new QWidget)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setVerticalSpacing(2);
    for (const MainSetting& setting : kMainSettings) {
        addField(form, QLatin1String(setting.key),
                 QCoreApplication::translate("TrainSettings", setting.label));
        auto* hint = new QLabel(QCoreApplication::translate("TrainSettings", setting.hint));
        hint->setFont(widgets::smallFont(font()));
        hint->setForegroundRole(QPalette::PlaceholderText);
        hint->setWordWrap(true);
        form->addRow(hint);
    }
    m_device->addItems(deviceChoices());
    m_device->setToolTip(tr("auto: a GPU when there is one, else the CPU"));
    form->addRow(tr("Device"), m_device);
    m_scoringPrecision->setObjectName(QStringLiteral("scoringPrecision"));
    m_scoringPrecision->addItems({QStringLiteral("fp32"), QStringLiteral("tf32")});
    m_scoringPrecision->setToolTip(tr("Arithmetic of Score: tf32 is faster where the device has it, and "
                                      "changes scores in the third digit"));
    form->addRow(tr("Score in"), m_scoringPrecision);
    column->addLayout(form);

    m_fold->setText(tr("Advanced"));
    m_fold->setObjectName(QStringLiteral("advancedFold"));
    m_fold->setCheckable(true);
    m_fold->setAutoRaise(true);
    m_fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_fold->setArrowType(Qt::RightArrow);
    column->addWidget(m_fold);
    auto* advanced = new QFormLayout(m_advanced);
    advanced->setContentsMargins({});
    advanced->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    for (const train::TrainKey& key : train::trainKeys()) {
        const QString name = QString::fromStdString(key.name);
        if (!isMainSetting(name))
            addField(advanced, name, QString(name).replace(QLatin1Char('_'), QLatin1Char(' ')));
    }
    m_advanced->hide();
    column->addWidget(m_advanced);
    connect(m_fold, &QToolButton::toggled, this, &TrainSettingsForm::setUnfolded);
    setConfig({});
}

void TrainSettingsForm::addField(QFormLayout* form, const QString& key, const QString& label)
{
    auto* edit = new QLineEdit;
    edit->setObjectName(QStringLiteral("setting_") + key);
    edit->setToolTip(helpOf(key));
    m_fields.insert(key, edit);
    form->addRow(label, edit);
    connect(edit, &QLineEdit::textEdited, this, &TrainSettingsForm::edited);
}

train::TrainConfig TrainSettingsForm::config() const
{
    train::TrainConfig config;
    for (auto it = m_fields.cbegin(); it != m_fields.cend(); ++it) {
        const QString value = it.value()->text().remove(QLatin1Char(' '));
        config.apply((it.key() + QLatin1Char('=') + value).toStdString());
    }
    config.validate();
    return config;
}

void TrainSettingsForm::setConfig(const train::TrainConfig& config)
{
    const nlohmann::json object = config.toJson();
    for (auto it = m_fields.cbegin(); it != m_fields.cend(); ++it)
        if (const auto found = object.find(it.key().toStdString()); found != object.end())
            it.value()->setText(textOf(*found));
}

QString TrainSettingsForm::device() const
{
    return m_device->currentText();
}

void TrainSettingsForm::setDevice(const QString& device)
{
    m_device->setCurrentIndex(std::max(0, m_device->findText(device)));
}

QString TrainSettingsForm::scoringPrecision() const
{
    return m_scoringPrecision->currentText();
}

void TrainSettingsForm::setScoringPrecision(const QString& precision)
{
    m_scoringPrecision->setCurrentIndex(std::max(0, m_scoringPrecision->findText(precision)));
}

bool TrainSettingsForm::isUnfolded() const
{
    return m_fold->isChecked();
}

void TrainSettingsForm::setUnfolded(bool unfolded)
{
    m_fold->setChecked(unfolded);
    m_fold->setArrowType(unfolded ? Qt::DownArrow : Qt::RightArrow);
    m_advanced->setVisible(unfolded);
}

QVariantMap TrainSettingsForm::changedTexts() const
{
    const nlohmann::json defaults = train::TrainConfig().toJson();
    QVariantMap texts;
    for (auto it = m_fields.cbegin(); it != m_fields.cend(); ++it) {
        const auto found = defaults.find(it.key().toStdString());
        if (found == defaults.end() || textOf(*found) != it.value()->text())
            texts.insert(it.key(), it.value()->text());
    }
    return texts;
}

void TrainSettingsForm::setTexts(const QVariantMap& texts)
{
    for (auto it = texts.cbegin(); it != texts.cend(); ++it)
        if (QLineEdit* edit = field(it.key()))
            edit->setText(it.value().toString());
}

} // namespace voorwerp::app
