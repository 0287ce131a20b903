// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the list lies on the sky and in redshift: two small plots, counted in bins by the server, that follow
// the filter and put ranges into it. GUI thread only; the counting is a query, newest request wins.

#include "app/jobs/async_query.h"
#include "catalog/survey_shape.h"

#include <QWidget>

#include <optional>

namespace voorwerp::widgets {
class RangePlot;
class SkyPlot;
} // namespace voorwerp::widgets

namespace voorwerp::app {

class SurveySide : public QWidget
{
    Q_OBJECT

public:
    explicit SurveySide(AppContext& context, QWidget* parent = nullptr);

    bool isSettled() const { return !m_query.isBusy(); }

protected:
    void showEvent(QShowEvent* event) override;

private:
    /// All spectra and those that match; nullopt: there are none.
    struct Shapes
    {
        std::optional<catalog::SurveyShape> all;
        std::optional<catalog::SurveyShape> matching;
    };

    void onFilterChanged(const QString& expression);
    void load();
    void show(const Shapes& shapes);

    AppContext& m_context;
    AsyncQuery m_query;
    widgets::SkyPlot* m_sky;
    widgets::RangePlot* m_z;
    std::optional<catalog::SurveyShape> m_all; ///< kept while the catalogue does not change
    bool m_stale = true;                       ///< to be loaded when it is shown
};

} // namespace voorwerp::app
