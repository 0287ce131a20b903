// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/survey_side.h"

#include "app/app_context.h"
#include "app/filter_parts.h"
#include "app/workspace_facts.h"
#include "widgets/count_plots.h"

#include <QVBoxLayout>

namespace voorwerp::app {

namespace {

widgets::SkyCounts skyCounts(const catalog::SurveyShape& shape)
{
    const catalog::SurveyExtent& extent = shape.extent;
    return {{extent.raLow, extent.raHigh},
            {extent.decLow, extent.decHigh},
            shape.raBins,
            shape.decBins,
            shape.sky};
}

widgets::BinnedCounts zCounts(const catalog::SurveyShape& shape)
{
    return {{shape.extent.zLow, shape.extent.zHigh}, shape.z};
}

} // namespace

SurveySide::SurveySide(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_query(context)
    , m_sky(new widgets::SkyPlot)
    , m_z(new widgets::RangePlot(tr("redshift")))
{
    setObjectName(QStringLiteral("surveySide"));
    m_sky->setAccessibleName(tr("Spectra on the sky"));
    m_z->setAccessibleName(tr("Spectra by redshift"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(1);
    column->addWidget(m_sky, 1);
    column->addWidget(m_z, 1);
    Selection& selection = context.selection();
    connect(&selection, &Selection::filterChanged, this, &SurveySide::onFilterChanged);
    connect(&context.facts(), &WorkspaceFacts::changed, this, [this] {
        m_all.reset();
        load();
    });
    connect(m_z, &widgets::RangePlot::rangeChosen, this, [&selection](std::optional<widgets::Range> range) {
        selection.setFilter(withZRange(selection.filter(), range));
    });
    connect(m_sky, &widgets::SkyPlot::boxChosen, this,
            [&selection](std::optional<widgets::Range> ra, std::optional<widgets::Range> dec) {
                selection.setFilter(withSkyBox(selection.filter(),
                                               ra && dec ? std::optional(SkyBox{*ra, *dec}) : std::nullopt));
            });
    onFilterChanged(selection.filter());
}

void SurveySide::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale)
        load();
}

void SurveySide::onFilterChanged(const QString& expression)
{
    m_z->setChosen(zRangeOf(expression));
    const auto box = skyBoxOf(expression);
    m_sky->setChosen(box ? std::optional(box->ra) : std::nullopt,
                     box ? std::optional(box->dec) : std::nullopt);
    load();
}

void SurveySide::load()
{
    const WorkspaceFacts& facts = m_context.facts();
    m_stale = !isVisible() || !facts.isLoaded();
    if (m_stale)
        return;
    catalog::SurveyShapeRequest request;
    request.where = m_context.selection().filter().toStdString();
    if (facts.isScored())
        request.model = facts.shownModel()->id;
    m_query.ask(
        [request, all = m_all](const pipeline::Session& session, std::stop_token stop) {
            Shapes shapes{all, {}};
            catalog::SurveyShapeRequest bins = request;
            bins.where.clear();
            if (!shapes.all) {
                const auto extent = catalog::findExtent(session.database(), stop);
                if (!extent)
                    return shapes;
                bins.extent = *extent;
                shapes.all = catalog::findShape(session.database(), bins, stop);
            }
            bins.extent = shapes.all->extent;
            bins.where = request.where;
            shapes.matching =
                bins.where.empty() ? shapes.all : catalog::findShape(session.database(), bins, stop);
            return shapes;
        },
        [this](const std::shared_ptr<const Shapes>& shapes) { show(*shapes); });
}

void SurveySide::show(const Shapes& shapes)
{
    m_all = shapes.all;
    if (!shapes.all)
        return;
    m_sky->setCounts(skyCounts(*shapes.matching), skyCounts(*shapes.all));
    m_z->setCounts(zCounts(*shapes.matching), zCounts(*shapes.all));
}

} // namespace voorwerp::app
