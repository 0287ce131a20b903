// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The real window on a workspace of the test, as a person has it before them.

#include "app/app_context.h"
#include "app/main_window.h"
#include "app/workspace_facts.h"

#include <QAbstractButton>
#include <QApplication>
#include <QTest>

#include <filesystem>
#include <memory>
#include <vector>

namespace voorwerp::test {

constexpr int kLongMilliseconds = 60'000; ///< for what trains or starts a server

class WindowUnderTest
{
public:
    explicit WindowUnderTest(const std::filesystem::path& workspace)
        : WindowUnderTest(pipeline::SessionRequest{workspace, {}})
    {
    }
    explicit WindowUnderTest(const pipeline::SessionRequest& request)
        : m_context(std::make_unique<app::AppContext>(request))
        , m_window(std::make_unique<app::MainWindow>(*m_context))
    {
        QObject::connect(&m_context->jobs(), &app::JobRunner::jobFinished, m_window.get(),
                         [this](const app::JobStatus& job) { m_finished.push_back(job); });
        m_window->show();
        m_context->open();
    }

    app::AppContext& context() { return *m_context; }
    app::MainWindow& window() { return *m_window; }
    bool isOpen() const
    {
        return m_context->state() == app::AppContext::State::Open && m_context->facts().isLoaded();
    }
    template <class Widget> Widget* find(const char* name) const
    {
        return m_window->findChild<Widget*>(QLatin1String(name));
    }
    /// Off screen nobody gives the focus back when a popup closed.
    void activate() const
    {
        QApplication::setActiveWindow(m_window.get());
        if (m_window->currentPage() && !QApplication::focusWidget())
            m_window->currentPage()->activate();
    }
    /// A left click in the middle of a widget, wherever it is on its page.
    void click(const char* name) const
    {
        auto* button = find<QAbstractButton>(name);
        QVERIFY2(button, name);
        QVERIFY2(button->isEnabled(), name);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    /// How many jobs of this kind ended well. Errors of failed ones go to the log.
    int done(const QString& kind) const
    {
        int count = 0;
        for (const app::JobStatus& job : m_finished) {
            if (job.state == app::JobState::Failed)
                qWarning("%s: %s", qPrintable(job.title), qPrintable(job.error.toString()));
            count += job.kind == kind && job.state == app::JobState::Done ? 1 : 0;
        }
        return count;
    }
    const std::vector<app::JobStatus>& finished() const { return m_finished; }
    /// Closes the window as the person does; the context ends with this object.
    bool close() { return m_window->close(); }

private:
    std::vector<app::JobStatus> m_finished;
    std::unique_ptr<app::AppContext> m_context;
    std::unique_ptr<app::MainWindow> m_window;
};

} // namespace voorwerp::test
