// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The steps of the demo, all from the start: done, under way with a bar, or still to come.

#include "core/job_context.h"

#include <QWidget>

#include <optional>
#include <vector>

class QLabel;
class QProgressBar;

namespace voorwerp::app {

class DemoSteps : public QWidget
{
    Q_OBJECT

public:
    explicit DemoSteps(QWidget* parent = nullptr);

    /// What the demo job just said. The steps before this one are done: a step whose result is there is
    /// skipped.
    void showProgress(const core::Progress& progress);
    void showAllDone();
    /// Nothing is under way; what is done stays marked.
    void pause();

    /// The step to which a phase of the demo job belongs, counted from 0; nullopt: of none.
    static std::optional<std::size_t> stepOf(const std::string& phase);

private:
    enum class State { Pending, Running, Done };
    struct Step
    {
        QLabel* mark;
        QLabel* title;
        QProgressBar* bar;
        State state = State::Pending;
    };
    void setState(Step& step, State state);

    std::vector<Step> m_steps;
};

} // namespace voorwerp::app
