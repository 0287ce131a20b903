// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/spectrum_service.h"

#include "app/app_context.h"
#include "app/pipeline/browsed_spectrum.h"
#include "app/pipeline/explain_job.h"
#include "app/pipeline/model_loader.h"
#include "app/workspace_facts.h"
#include "catalog/spectrum_store.h"
#include "score/sentence.h"

#include <QLocale>

#include <array>
#include <cmath>
#include <mutex>

namespace voorwerp::app {

namespace {

constexpr int kCachedSpectra = 64;
const QString kGroup = QStringLiteral("spectrum");

QString titleOf(const core::TargetInfo& info)
{
    return QString::number(info.key.targetId.value);
}

double redshiftOf(const core::TargetInfo& info)
{
    return info.redshift ? info.redshift->z : std::numeric_limits<double>::quiet_NaN();
}

widgets::MarkedRegion markedRegion(const score::Region& region, double z)
{
    QString text =
        region.line.empty() ? SpectrumService::tr("residual") : QString::fromStdString(region.line);
    if (!region.line.empty() && std::isfinite(region.velocity))
        text +=
            SpectrumService::tr(" at %1").arg(QString::fromStdString(score::velocityText(region.velocity)));
    QString significance = QLocale().toString(region.significance, 'f', 1);
    text += SpectrumService::tr(" (%1 σ)").arg(significance.replace(QLatin1Char('-'), QChar(0x2212)));
    return {region.firstAngstrom * (1.0 + z), region.lastAngstrom * (1.0 + z), text};
}

ShownSpectrum plainSpectrum(const catalog::StoredSpectrum& stored)
{
    widgets::SpectrumData data;
    data.title = titleOf(stored.info);
    data.flux = stored.spectrum.flux;
    data.ivar = stored.spectrum.ivar;
    data.mask = stored.spectrum.mask;
    data.z = redshiftOf(stored.info);
    return {stored.id, stored.info, std::make_shared<const widgets::SpectrumData>(std::move(data)),
            false,     {},          {}};
}

ShownSpectrum explainedSpectrum(pipeline::ExplainedSpectrum&& explained)
{
    const score::Explanation& why = explained.explanation;
    ShownSpectrum shown = plainSpectrum({explained.id, explained.info, explained.spectrum});
    shown.explained = true;
    shown.reason = QString::fromStdString(why.rejection.empty() ? why.suggestion.reason : why.rejection);
    if (!why.rejection.empty())
        return shown;
    shown.kind = QString::fromStdString(why.suggestion.kind);
    widgets::SpectrumData data = *shown.plot;
    data.model = why.model;
    data.residual = why.residual;
    for (const score::Region& region : why.regions)
        data.regions.push_back(markedRegion(region, data.z));
    shown.plot = std::make_shared<const widgets::SpectrumData>(std::move(data));
    return shown;
}

ShownSpectrum readPlain(const pipeline::Session& session, core::SpectrumId id)
{
    if (session.isBrowsing())
        return plainSpectrum(pipeline::readBrowsedSpectrum(session, id));
    const std::array<core::SpectrumId, 1> ids{id};
    const auto stored = catalog::readSpectra(session.database(), ids);
    if (stored.empty())
        throw core::UserError("this spectrum is not in the database any more", "Reload the list (F5).");
    return plainSpectrum(stored.front());
}

} // namespace

/// The shown model made ready to compute, loaded at the first use, used by one query thread at a time.
struct SpectrumService::ModelHolder
{
    std::mutex mutex;
    std::optional<pipeline::LoadedModel> model;

    ShownSpectrum explain(const pipeline::Session& session, core::SpectrumId id, const std::string& reference)
    {
        const std::lock_guard lock(mutex);
        if (!model)
            model.emplace(pipeline::loadModel(session, reference, "cpu", 1));
        return explainedSpectrum(pipeline::explainSpectrum(session, *model, id));
    }
};

SpectrumService::SpectrumService(AppContext& context)
    : m_context(context)
    , m_plainQuery(context)
    , m_explainQuery(context)
    , m_prefetchQuery(context)
    , m_model(std::make_shared<ModelHolder>())
    , m_cache(kCachedSpectra)
{
    readOptions();
    connect(&context.selection(), &Selection::currentChanged, this, &SpectrumService::loadCurrent);
    connect(&context.facts(), &WorkspaceFacts::shownModelChanged, this, &SpectrumService::forgetModel);
    connect(&context, &AppContext::targetsChanged, this, &SpectrumService::forgetModel);
    connect(&m_plainQuery, &AsyncQuery::failed, this, &SpectrumService::failed);
    connect(&m_explainQuery, &AsyncQuery::failed, this, &SpectrumService::failed);
    connect(&context, &AppContext::stateChanged, this, [this](AppContext::State state) {
        if (state == AppContext::State::Open && !m_shown)
            loadCurrent();
    });
}

SpectrumService::~SpectrumService() = default;

void SpectrumService::loadCurrent()
{
    m_plainQuery.cancel();
    m_explainQuery.cancel();
    const auto current = m_context.selection().current();
    if (!current) {
        setShown(nullptr);
        return;
    }
    if (const ShownSpectrumPointer* cached = m_cache.object(current->value)) {
        setShown(*cached);
        if (!m_shown->explained)
            loadExplained();
        return;
    }
    m_plainQuery.ask(
        [id = *current](const pipeline::Session& session, std::stop_token) { return readPlain(session, id); },
        [this](const ShownSpectrumPointer& spectrum) {
            setShown(spectrum);
            loadExplained();
        });
}

void SpectrumService::loadExplained()
{
    const auto& model = m_context.facts().shownModel();
    if (!model || !m_shown) {
        prefetchNext();
        return;
    }
    m_explainQuery.ask([id = m_shown->id, holder = m_model, reference = model->reference()](
                           const pipeline::Session& session,
                           std::stop_token) { return holder->explain(session, id, reference); },
                       [this](const ShownSpectrumPointer& spectrum) {
                           setShown(spectrum);
                           prefetchNext();
                       });
}

void SpectrumService::setShown(const ShownSpectrumPointer& spectrum)
{
    m_shown = spectrum;
    if (spectrum)
        m_cache.insert(spectrum->id.value, new ShownSpectrumPointer(spectrum));
    emit shownChanged();
}

bool SpectrumService::isSettled() const
{
    return !m_plainQuery.isBusy() && !m_explainQuery.isBusy();
}

void SpectrumService::prefetch(std::vector<core::SpectrumId> ids)
{
    m_wishes = std::move(ids);
    if (isSettled())
        prefetchNext();
}

void SpectrumService::prefetchNext()
{
    while (!m_wishes.empty() && m_cache.contains(m_wishes.front().value))
        m_wishes.erase(m_wishes.begin());
    if (m_wishes.empty())
        return;
    const core::SpectrumId id = m_wishes.front();
    m_wishes.erase(m_wishes.begin());
    const auto& model = m_context.facts().shownModel();
    const std::string reference = model ? model->reference() : std::string();
    m_prefetchQuery.ask(
        [id, holder = m_model, reference](const pipeline::Session& session, std::stop_token) {
            return reference.empty() ? readPlain(session, id) : holder->explain(session, id, reference);
        },
        [this](const ShownSpectrumPointer& spectrum) {
            m_cache.insert(spectrum->id.value, new ShownSpectrumPointer(spectrum));
            prefetchNext();
        });
}

void SpectrumService::forgetModel()
{
    m_model = std::make_shared<ModelHolder>();
    m_cache.clear();
    m_prefetchQuery.cancel();
    loadCurrent();
}

void SpectrumService::readOptions()
{
    QSettings& settings = m_context.settings();
    settings.beginGroup(kGroup);
    m_options.smoothingPixels =
        settings.value(QStringLiteral("smoothing"), m_options.smoothingPixels).toDouble();
    m_options.lines = static_cast<widgets::LineMode>(
        std::clamp(settings.value(QStringLiteral("lines"), static_cast<int>(m_options.lines)).toInt(), 0, 2));
    m_options.showMask = settings.value(QStringLiteral("mask"), m_options.showMask).toBool();
    m_options.restFrame = settings.value(QStringLiteral("rest"), m_options.restFrame).toBool();
    settings.endGroup();
}

void SpectrumService::setOptions(const widgets::SpectrumPlotOptions& options)
{
    if (options == m_options)
        return;
    m_options = options;
    QSettings& settings = m_context.settings();
    settings.beginGroup(kGroup);
    settings.setValue(QStringLiteral("smoothing"), options.smoothingPixels);
    settings.setValue(QStringLiteral("lines"), static_cast<int>(options.lines));
    settings.setValue(QStringLiteral("mask"), options.showMask);
    settings.setValue(QStringLiteral("rest"), options.restFrame);
    settings.endGroup();
    emit optionsChanged();
}

} // namespace voorwerp::app
