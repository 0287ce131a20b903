// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A question of a view to the database, asked off the GUI thread. Newest request wins: asking again stops
// the earlier request, and its late result is dropped. One object per view and purpose; GUI thread only.
//
//     m_query.ask([filter](const pipeline::Session& session, std::stop_token stop) { ...return Rows{}; },
//                 [this](const std::shared_ptr<const Rows>& rows) { m_model->setRows(rows); });
//
// Work captures by value and touches no QObject. Errors arrive as failed().

#include "app/error_text.h"

#include <QFuture>
#include <QObject>
#include <QPointer>
#include <QThreadPool>
#include <QtConcurrentRun>

#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <type_traits>

namespace voorwerp::pipeline {
class Session;
}

namespace voorwerp::app {

class AppContext;

class AsyncQuery : public QObject
{
    Q_OBJECT

public:
    explicit AsyncQuery(AppContext& context, QObject* parent = nullptr);
    ~AsyncQuery() override;

    /// Runs work(session, stop) on the query threads and deliver(shared_ptr<const T>) on the GUI thread.
    /// Does nothing while no workspace is open.
    template <class Work, class Deliver> void ask(Work work, Deliver deliver)
    {
        using Value = std::decay_t<std::invoke_result_t<Work, const pipeline::Session&, std::stop_token>>;
        const auto session = beginRequest();
        if (!session)
            return;
        AppContext* const context = &m_context; // outlives the query threads
        m_future =
            QtConcurrent::run(&pool(), [context, session, work, deliver, self = QPointer<AsyncQuery>(this),
                                        number = m_number, stop = m_stop.get_token()] {
                std::shared_ptr<const Value> value;
                std::exception_ptr error;
                try {
                    throwIfStopped(stop);
                    value = std::make_shared<const Value>(work(*session, stop));
                } catch (...) {
                    error = std::current_exception();
                }
                post(*context, [self, number, deliver, value, error] {
                    if (!self || number != self->m_number)
                        return; // the view is gone, or a newer request is under way
                    self->endRequest();
                    if (value)
                        deliver(value);
                    else
                        self->fail(error);
                });
            });
    }
    /// Drops the request under way, if any.
    void cancel();
    bool isBusy() const { return m_busy; }

signals:
    void failed(const voorwerp::app::ErrorText& error);
    void busyChanged(bool busy);

private:
    std::shared_ptr<const pipeline::Session> beginRequest();
    void endRequest();
    void fail(const std::exception_ptr& error);
    QThreadPool& pool() const;
    static void post(AppContext& context, std::function<void()> onGuiThread);
    static void throwIfStopped(const std::stop_token& stop);

    AppContext& m_context;
    std::stop_source m_stop;
    QFuture<void> m_future;
    quint64 m_number = 0;
    bool m_busy = false;
};

} // namespace voorwerp::app
