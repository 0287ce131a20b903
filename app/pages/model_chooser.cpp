// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/model_chooser.h"

#include "app/app_context.h"
#include "app/pages/model_table_model.h"
#include "app/workspace_facts.h"

#include <QLocale>

namespace voorwerp::app {

namespace {
constexpr int kNarrowest = 12; // characters; a small window may cut the rest off
} // namespace

ModelChooser::ModelChooser(AppContext& context, QWidget* parent)
    : QComboBox(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("modelChooser"));
    setAccessibleName(tr("Model whose scores are shown"));
    setToolTip(tr("Whose scores, model curves and explanations are shown, on all pages"));
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
    setMinimumWidth(fontMetrics().averageCharWidth() * kNarrowest);
    connect(&context.facts(), &WorkspaceFacts::changed, this, &ModelChooser::refresh);
    connect(this, &QComboBox::activated, this,
            [this](int index) { m_context.facts().showModel(itemData(index).toString().toStdString()); });
    refresh();
}

void ModelChooser::refresh()
{
    const WorkspaceFacts& facts = m_context.facts();
    clear();
    for (const ScoredModel& model : facts.scoredModels()) {
        const bool champion = facts.champion() && facts.champion()->id == model.version.id;
        const QString reference = QString::fromStdString(model.version.reference());
        addItem(tr("model: %1").arg(champion ? tr("%1 (champion)").arg(reference) : reference), reference);
        setItemData(count() - 1,
                    tr("%1 spectra scored, %2")
                        .arg(QLocale().toString(qlonglong(model.scored)), shortTime(model.finished)),
                    Qt::ToolTipRole);
        if (facts.shownModel() && facts.shownModel()->id == model.version.id)
            setCurrentIndex(count() - 1);
    }
    setVisible(count() > 0);
}

} // namespace voorwerp::app
