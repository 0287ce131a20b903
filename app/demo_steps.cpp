// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/demo_steps.h"

#include "widgets/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>

#include <algorithm>
#include <cmath>

namespace voorwerp::app {

namespace {

constexpr int kBarSteps = 1000;

struct StepText
{
    const char* title;
    std::vector<std::string> phases; ///< as the job calls them
};

const std::vector<StepText>& stepTexts()
{
    static const std::vector<StepText> texts = {
        {QT_TRANSLATE_NOOP("voorwerp::app::DemoSteps", "Write a synthetic survey"),
         {"Writing the mock survey"}},
        {QT_TRANSLATE_NOOP("voorwerp::app::DemoSteps", "Take it into the database"), {"Reading DESI files"}},
        {QT_TRANSLATE_NOOP("voorwerp::app::DemoSteps", "Build the training set"),
         {"Building the training set"}},
        {QT_TRANSLATE_NOOP("voorwerp::app::DemoSteps", "Train a model"), {"Training", "Latent density"}},
        {QT_TRANSLATE_NOOP("voorwerp::app::DemoSteps", "Score and rank the spectra"),
         {"Scoring", "Ranking", "Storing the scores"}},
    };
    return texts;
}

} // namespace

DemoSteps::DemoSteps(QWidget* parent)
    : QWidget(parent)
{
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins({});
    grid->setColumnStretch(1, 1);
    for (const StepText& text : stepTexts()) {
        Step step{new QLabel, new QLabel(tr(text.title)), new QProgressBar};
        step.bar->setRange(0, kBarSteps);
        step.mark->setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("✓✓")));
        QSizePolicy policy = step.bar->sizePolicy();
        policy.setRetainSizeWhenHidden(true); // the list does not move when a step begins
        step.bar->setSizePolicy(policy);
        const int row = static_cast<int>(m_steps.size());
        grid->addWidget(step.mark, row, 0);
        grid->addWidget(step.title, row, 1);
        grid->addWidget(step.bar, row, 2);
        m_steps.push_back(step);
        setState(m_steps.back(), State::Pending);
    }
}

std::optional<std::size_t> DemoSteps::stepOf(const std::string& phase)
{
    const auto& texts = stepTexts();
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (std::find(texts[i].phases.begin(), texts[i].phases.end(), phase) != texts[i].phases.end())
            return i;
    return std::nullopt;
}

void DemoSteps::showProgress(const core::Progress& progress)
{
    const auto current = stepOf(progress.phase);
    if (!current)
        return;
    for (std::size_t i = 0; i < m_steps.size(); ++i)
        setState(m_steps[i], i < *current ? State::Done : i == *current ? State::Running : State::Pending);
    QProgressBar* bar = m_steps[*current].bar;
    const bool known = progress.total > 0.0;
    bar->setRange(0, known ? kBarSteps : 0);
    if (known)
        bar->setValue(static_cast<int>(std::lround(kBarSteps * progress.done / progress.total)));
}

void DemoSteps::showAllDone()
{
    for (Step& step : m_steps)
        setState(step, State::Done);
}

void DemoSteps::pause()
{
    for (Step& step : m_steps)
        if (step.state == State::Running)
            setState(step, State::Pending);
}

void DemoSteps::setState(Step& step, State state)
{
    step.state = state;
    step.bar->setVisible(state == State::Running);
    step.mark->setText(state == State::Done      ? QStringLiteral("✓")
                       : state == State::Running ? QStringLiteral("▸")
                                                 : QStringLiteral("·"));
    step.mark->setAccessibleName(state == State::Done      ? tr("done")
                                 : state == State::Running ? tr("under way")
                                                           : tr("to do"));
    QPalette colours = palette();
    if (state == State::Pending)
        colours.setColor(QPalette::WindowText, widgets::Theme::of(this).faint);
    step.title->setPalette(colours);
}

} // namespace voorwerp::app
