// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What people said about targets, and the queue that writes it: each change goes to PostgreSQL at once, in
// order, none is dropped. While the database is away they wait in a file of the workspace (waiting_labels.h).
// The view changes immediately and goes back when a change could not be written. GUI thread only; the writing
// happens on a query thread.

#include "app/error_text.h"
#include "app/jobs/async_query.h"
#include "app/waiting_labels.h"
#include "catalog/label_store.h"

#include <QFuture>
#include <QObject>

#include <deque>
#include <optional>
#include <unordered_map>

namespace voorwerp::app {

class LabelBook : public QObject
{
    Q_OBJECT

public:
    explicit LabelBook(AppContext& context);
    /// Writes what is still queued, or leaves it to the next start.
    ~LabelBook() override;

    std::optional<catalog::Label> label(core::TargetId target) const;
    const std::unordered_map<core::TargetId, catalog::Label>& labels() const { return m_labels; }
    void set(core::TargetId target, const std::string& labelClass, std::optional<int> quality,
             const std::string& comment);
    void clear(core::TargetId target);
    /// Takes back this user's newest change.
    void undo();
    /// Tries the changes again that failed.
    void retry();
    /// Nothing is being written or read.
    bool isSettled() const { return m_queue.empty() && !m_writing && !m_query.isBusy(); }

signals:
    void changed();                                              ///< some label is not what it was
    void undone(std::optional<voorwerp::core::TargetId> target); ///< nullopt: there was nothing to undo
    void failed(const voorwerp::app::ErrorText& error);          ///< the changes wait for retry()

private:
    struct Change
    {
        enum class Kind { Set, Clear, Undo } kind = Kind::Set;
        catalog::Label label;
    };
    struct Result
    {
        ErrorText error;
        std::optional<core::TargetId> undone;
    };

    /// The error says nothing against the change itself: it is to be written again.
    static bool isToRepeat(const Change& change, const ErrorText& error);
    void load();
    void takeWaiting();
    /// Brings the file of waiting labels up to date.
    void keepQueue();
    void push(Change change);
    void writeNext();
    void onWritten(const Result& result);
    static Result write(const pipeline::Session& session, const Change& change);

    AppContext& m_context;
    AsyncQuery m_query;
    std::unordered_map<core::TargetId, catalog::Label> m_labels;
    std::deque<Change> m_queue; ///< the front one is being written
    bool m_writing = false;
    bool m_stale = false; ///< labels were read while some were queued
    bool m_taken = false; ///< the file's labels are in the queue: it may be replaced or removed
    WaitingLabels m_waiting;
    QFuture<Result> m_future;
    std::string m_author;
};

} // namespace voorwerp::app
