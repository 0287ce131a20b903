// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Loads what spectrum panels show: the spectrum first, then the shown model's curve, residual and
// explanation. Newest request wins; neighbours in a list are loaded ahead. One for all pages; GUI thread
// only.

#include "app/jobs/async_query.h"
#include "core/ids.h"
#include "core/spectrum.h"
#include "widgets/spectrum_data.h"
#include "widgets/spectrum_plot.h"

#include <QCache>
#include <QObject>
#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace voorwerp::app {

/// One spectrum ready to be drawn. Built once, then immutable.
struct ShownSpectrum
{
    core::SpectrumId id;
    core::TargetInfo info;
    std::shared_ptr<const widgets::SpectrumData> plot;
    bool explained = false; ///< a model looked at it
    QString kind;           ///< suggested explanation; empty without a model
    QString reason;         ///< the numbers that decided, or why the model could not be applied
};
using ShownSpectrumPointer = std::shared_ptr<const ShownSpectrum>;

class SpectrumService : public QObject
{
    Q_OBJECT

public:
    explicit SpectrumService(AppContext& context);
    ~SpectrumService() override;

    /// What is shown now; null while the current object is loading or there is none.
    const ShownSpectrumPointer& shown() const { return m_shown; }
    /// The current object is loaded with everything that can be known about it.
    bool isSettled() const;
    /// Loads these into the cache when nothing else is to be done; replaces earlier wishes.
    void prefetch(std::vector<core::SpectrumId> ids);

    /// What all spectrum panels show alike, remembered in the settings.
    const widgets::SpectrumPlotOptions& options() const { return m_options; }
    void setOptions(const widgets::SpectrumPlotOptions& options);

signals:
    void shownChanged(); ///< first without, then with the model
    void failed(const voorwerp::app::ErrorText& error);
    void optionsChanged();

private:
    struct ModelHolder;

    void loadCurrent();
    void loadExplained();
    void setShown(const ShownSpectrumPointer& spectrum);
    void prefetchNext();
    void forgetModel();
    void readOptions();

    AppContext& m_context;
    AsyncQuery m_plainQuery;
    AsyncQuery m_explainQuery;
    AsyncQuery m_prefetchQuery;
    std::shared_ptr<ModelHolder> m_model; ///< shared with queries under way
    QCache<qint64, ShownSpectrumPointer> m_cache;
    std::vector<core::SpectrumId> m_wishes;
    ShownSpectrumPointer m_shown;
    widgets::SpectrumPlotOptions m_options;
};

} // namespace voorwerp::app
