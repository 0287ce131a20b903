// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/label_book.h"

#include "app/app_context.h"
#include "app/pipeline/provenance.h"

namespace voorwerp::app {

LabelBook::LabelBook(AppContext& context)
    : m_context(context)
    , m_query(context)
    , m_waiting(context.workspace())
    , m_author(pipeline::currentUser())
{
    connect(&context, &AppContext::stateChanged, this, [this](AppContext::State state) {
        if (state != AppContext::State::Open || m_context.isBrowsing())
            return;
        load();
        takeWaiting();
        writeNext();
    });
    connect(&m_query, &AsyncQuery::failed, this, &LabelBook::failed);
}

LabelBook::~LabelBook()
{
    m_future.waitForFinished();
    if (m_writing && m_future.result().error.isEmpty())
        m_queue.pop_front();
    const auto session = m_context.session();
    while (session && !m_queue.empty()) {
        if (isToRepeat(m_queue.front(), write(*session, m_queue.front()).error))
            break;
        m_queue.pop_front();
    }
    keepQueue();
}

std::optional<catalog::Label> LabelBook::label(core::TargetId target) const
{
    const auto found = m_labels.find(target);
    return found == m_labels.end() ? std::nullopt : std::optional(found->second);
}

bool LabelBook::isToRepeat(const Change& change, const ErrorText& error)
{
    // Setting or clearing twice is harmless; taking back twice is not.
    return error.databaseLost || error.retryable || (error.inDoubt && change.kind != Change::Kind::Undo);
}

void LabelBook::load()
{
    m_query.ask([](const pipeline::Session& session,
                   std::stop_token) { return catalog::listLabels(session.database()); },
                [this](const std::shared_ptr<const std::vector<catalog::Label>>& labels) {
                    m_stale = !m_queue.empty(); // read again after the last one is written
                    if (m_stale)
                        return;
                    m_labels.clear();
                    for (const catalog::Label& label : *labels)
                        m_labels[label.targetId] = label;
                    emit changed();
                });
}

/// What an earlier program could not write goes before the labels of this one.
void LabelBook::takeWaiting()
{
    if (m_taken || m_writing) // the front one must stay in front while it is written
        return;
    if (!m_context.permissions().may(catalog::Right::Label)) // they wait for a login that may
        return;
    try {
        std::deque<Change> earlier;
        for (const catalog::Label& label : m_waiting.read())
            earlier.push_back({label.labelClass.empty() ? Change::Kind::Clear : Change::Kind::Set, label});
        m_queue.insert(m_queue.begin(), earlier.begin(), earlier.end());
        m_taken = true;
    } catch (...) {
        emit failed(errorTextOf(std::current_exception()));
    }
}

void LabelBook::keepQueue()
{
    takeWaiting();
    if (!m_taken || (m_queue.empty() && !m_waiting.exist()))
        return;
    std::vector<catalog::Label> labels;
    for (const Change& change : m_queue)
        if (change.kind != Change::Kind::Undo) // what it takes back is known to the database only
            labels.push_back(change.label);
    try {
        m_waiting.write(labels);
    } catch (...) {
        emit failed(errorTextOf(std::current_exception()));
    }
}

void LabelBook::set(core::TargetId target, const std::string& labelClass, std::optional<int> quality,
                    const std::string& comment)
{
    const catalog::Label label{target, labelClass, quality, comment, m_author, {}};
    m_labels[target] = label;
    emit changed();
    push({Change::Kind::Set, label});
}

void LabelBook::clear(core::TargetId target)
{
    if (m_labels.erase(target) == 0)
        return;
    emit changed();
    push({Change::Kind::Clear, {target, {}, {}, {}, m_author, {}}});
}

void LabelBook::undo()
{
    const bool waits = m_queue.size() > 1 || (!m_queue.empty() && !m_writing);
    if (waits && m_queue.back().kind != Change::Kind::Undo) {
        const core::TargetId target = m_queue.back().label.targetId;
        m_queue.pop_back();
        keepQueue();
        m_labels.erase(target); // what it was before is known to the database
        m_stale = true;
        if (m_queue.empty())
            load();
        emit undone(target);
        emit changed();
        return;
    }
    push({Change::Kind::Undo, {{}, {}, {}, {}, m_author, {}}});
}

void LabelBook::retry()
{
    writeNext();
}

void LabelBook::push(Change change)
{
    m_queue.push_back(std::move(change));
    if (m_context.state() != AppContext::State::Open)
        keepQueue();
    writeNext();
}

void LabelBook::writeNext()
{
    const auto session = m_context.session();
    if (m_writing || m_queue.empty() || !session)
        return;
    m_writing = true;
    // The result comes as a queued call: under load, QFuture::then() called from a continuation was once seen
    // to wait for ever (Qt 6.4.2). The destructor waits for m_future, so that this outlives the call.
    m_future = QtConcurrent::run(&m_context.queryPool(), [this, session, change = m_queue.front()] {
        const Result result = write(*session, change);
        QMetaObject::invokeMethod(
            this, [this, result] { onWritten(result); }, Qt::QueuedConnection);
        return result;
    });
}

LabelBook::Result LabelBook::write(const pipeline::Session& session, const Change& change)
{
    Result result;
    try {
        const catalog::Database& database = session.database();
        const catalog::Label& label = change.label;
        if (change.kind == Change::Kind::Set)
            catalog::setLabel(database, label.targetId, label.labelClass, label.quality, label.comment,
                              label.author);
        else if (change.kind == Change::Kind::Clear)
            catalog::clearLabel(database, label.targetId, label.author);
        else
            result.undone = catalog::undoLabel(database, label.author);
    } catch (...) {
        result.error = errorTextOf(std::current_exception());
    }
    return result;
}

void LabelBook::onWritten(const Result& result)
{
    m_writing = false;
    if (!result.error.isEmpty()) {
        const bool repeated = isToRepeat(m_queue.front(), result.error);
        if (!repeated)
            m_queue.pop_front(); // the same would be refused again
        keepQueue();
        if (result.error.databaseLost || result.error.inDoubt)
            m_context.noticeLostDatabase(result.error);
        emit failed(result.error);
        if (m_queue.empty())
            load();
        else if (!repeated)
            writeNext();
        return;
    }
    const bool undid = m_queue.front().kind == Change::Kind::Undo;
    m_queue.pop_front();
    if (undid)
        emit undone(result.undone);
    if (!m_queue.empty()) {
        writeNext();
        return;
    }
    keepQueue();
    if (undid || m_stale || m_query.isBusy()) // what is being read may be older than what was written
        load();
    m_context.announceLabels();
}

} // namespace voorwerp::app
