// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/async_query.h"

#include "app/app_context.h"
#include "core/error.h"

namespace voorwerp::app {

AsyncQuery::AsyncQuery(AppContext& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{
}

AsyncQuery::~AsyncQuery()
{
    m_stop.request_stop();
}

std::shared_ptr<const pipeline::Session> AsyncQuery::beginRequest()
{
    m_stop.request_stop();
    m_stop = std::stop_source();
    ++m_number;
    auto session = m_context.session();
    if (!session)
        endRequest();
    else if (!m_busy) {
        m_busy = true;
        emit busyChanged(true);
    }
    return session;
}

void AsyncQuery::endRequest()
{
    if (!m_busy)
        return;
    m_busy = false;
    emit busyChanged(false);
}

void AsyncQuery::cancel()
{
    m_stop.request_stop();
    ++m_number;
    endRequest();
}

void AsyncQuery::fail(const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const core::Cancelled&) {
        return;
    } catch (...) {
        const ErrorText text = errorTextOf(error);
        if (text.databaseLost)
            m_context.noticeLostDatabase(text);
        emit failed(text);
    }
}

QThreadPool& AsyncQuery::pool() const
{
    return m_context.queryPool();
}

void AsyncQuery::throwIfStopped(const std::stop_token& stop)
{
    if (stop.stop_requested())
        throw core::Cancelled();
}

void AsyncQuery::post(AppContext& context, std::function<void()> onGuiThread)
{
    QMetaObject::invokeMethod(&context, std::move(onGuiThread), Qt::QueuedConnection);
}

} // namespace voorwerp::app
