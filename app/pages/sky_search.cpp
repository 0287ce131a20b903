// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/sky_search.h"

#include "app/app_context.h"
#include "app/filter_parts.h"
#include "app/spectrum_service.h"
#include "core/sky_position.h"

#include <QToolTip>

#include <cmath>

namespace voorwerp::app {

namespace {
const QString kLongest = QStringLiteral("12:34:56.78 +01:23:45.6 30\"");
constexpr int kBesideText = 44; ///< pixels: frame, margins and the clear button

void showCone(AppContext& context, const core::SkyCone& cone)
{
    const QString part = QString::fromStdString(core::coneExpression(cone));
    context.selection().setFilter(withCone(context.selection().filter(), part));
}
} // namespace

SkySearch::SkySearch(AppContext& context, QWidget* parent)
    : QLineEdit(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("skySearch"));
    setAccessibleName(tr("Place on the sky"));
    setPlaceholderText(tr("RA Dec radius"));
    setToolTip(tr("A place on the sky and a radius (60″ where none is given), in degrees or sexagesimal:\n"
                  "188.7363 1.3958 30″\n12:34:56.7 +01:23:45 2′\nSDSS J123456.78+012345.6\n"
                  "Enter puts it into the filter; an empty entry takes it out."));
    setClearButtonEnabled(true);
    setFixedWidth(fontMetrics().horizontalAdvance(kLongest) + kBesideText);
    connect(this, &QLineEdit::returnPressed, this, &SkySearch::search);
    connect(this, &QLineEdit::textEdited, this, [this](const QString& text) {
        if (text.isEmpty())
            search(); // the clear button
    });
}

void SkySearch::search()
{
    if (text().trimmed().isEmpty()) {
        m_context.selection().setFilter(withCone(m_context.selection().filter(), {}));
        return;
    }
    if (const auto cone = core::parseSkyCone(text().toStdString()))
        showCone(m_context, *cone);
    else
        QToolTip::showText(
            mapToGlobal(QPoint(0, height())),
            tr("This is no place on the sky. Write RA and Dec, then a radius: 188.7363 1.3958 30″"), this);
}

void showNearCurrent(AppContext& context)
{
    const auto& shown = context.spectra().shown();
    if (shown && std::isfinite(shown->info.targetRa) && std::isfinite(shown->info.targetDec))
        showCone(context, {{shown->info.targetRa, shown->info.targetDec}, core::kUsualConeArcsec});
}

} // namespace voorwerp::app
