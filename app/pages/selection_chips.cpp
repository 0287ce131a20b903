// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/selection_chips.h"

#include "app/filter_parts.h"
#include "app/selection.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace voorwerp::app {

namespace {

constexpr int kLongestFilter = 60; ///< characters; the tooltip has them all

/// Says its text and a cross; hidden without a text.
void setChip(QToolButton* chip, const QString& text)
{
    QString shown = text.size() > kLongestFilter ? text.left(kLongestFilter) + QChar(0x2026) : text;
    shown.replace(QLatin1Char('&'), QStringLiteral("&&")); // not a mnemonic
    chip->setText(shown + QStringLiteral("  ✕"));
    chip->setVisible(!text.isEmpty());
}

} // namespace

SelectionChips::SelectionChips(Selection& selection, bool withFilter, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_withFilter(withFilter)
    , m_note(new QLabel)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins({});
    m_filter = addChip("filterChip", tr("Show all spectra"));
    m_z = addChip("zChip", tr("All redshifts"));
    m_sky = addChip("skyChip", tr("The whole sky"));
    m_picked = addChip("pickedChip", tr("Pick nothing (Esc)"));
    m_note->setObjectName(QStringLiteral("listNote"));
    row->addWidget(m_note);
    row->addStretch(1);
    connect(m_filter, &QToolButton::clicked, this, [this] { m_selection.setFilter({}); });
    connect(m_z, &QToolButton::clicked, this,
            [this] { m_selection.setFilter(withZRange(m_selection.filter(), {})); });
    connect(m_sky, &QToolButton::clicked, this,
            [this] { m_selection.setFilter(withSkyBox(m_selection.filter(), {})); });
    connect(m_picked, &QToolButton::clicked, &selection, &Selection::clearPicked);
    connect(m_note, &QLabel::linkActivated, this, &SelectionChips::linkActivated);
    connect(&selection, &Selection::filterChanged, this, &SelectionChips::refresh);
    connect(&selection, &Selection::pickedChanged, this, &SelectionChips::refresh);
    refresh();
}

QToolButton* SelectionChips::addChip(const char* name, const QString& toolTip)
{
    auto* chip = new QToolButton;
    chip->setObjectName(QLatin1String(name));
    chip->setToolTip(toolTip);
    chip->setFont(widgets::smallFont(font()));
    chip->setFocusPolicy(Qt::TabFocus);
    layout()->addWidget(chip);
    return chip;
}

void SelectionChips::refresh()
{
    const QString filter = m_selection.filter();
    setChip(m_filter, m_withFilter ? filter : QString());
    m_filter->setToolTip(tr("%1\nShow all spectra").arg(filter));
    const auto z = m_withFilter ? std::nullopt : zRangeOf(filter);
    setChip(m_z, z ? tr("z %1 to %2").arg(z->low).arg(z->high) : QString());
    const auto sky = m_withFilter ? std::nullopt : skyBoxOf(filter);
    setChip(m_sky, sky ? tr("RA %1° to %2°, Dec %3° to %4°")
                             .arg(sky->ra.low)
                             .arg(sky->ra.high)
                             .arg(sky->dec.low)
                             .arg(sky->dec.high)
                       : QString());
    const auto& picked = m_selection.picked();
    setChip(
        m_picked,
        picked
            ? tr("%Ln picked: %1", nullptr, static_cast<int>(picked->size())).arg(m_selection.pickedWords())
            : QString());
    setVisible(z || sky || picked || (m_withFilter && !filter.isEmpty()) || !m_note->text().isEmpty());
}

void SelectionChips::setNote(const QString& html)
{
    m_note->setText(html);
    m_note->setVisible(!html.isEmpty());
    refresh();
}

QString SelectionChips::note() const
{
    return m_note->text();
}

} // namespace voorwerp::app
