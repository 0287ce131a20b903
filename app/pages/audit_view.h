// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Who did what, when: the audit as a table, newest first, a page at a time, for one person or one kind of
// action.

#include "app/jobs/async_query.h"
#include "catalog/audit_store.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QTableView;

namespace voorwerp::app {

class AuditTableModel;

class AuditView : public QWidget
{
    Q_OBJECT

public:
    explicit AuditView(AppContext& context, QWidget* parent = nullptr);
    /// Reads the newest rows, where the login may and the view is seen.
    void load();
    bool isSettled() const { return !m_rowsQuery.isBusy() && !m_wordsQuery.isBusy(); }

protected:
    void showEvent(QShowEvent* event) override;

private:
    void loadRows();
    void loadMore();
    catalog::AuditQuery query() const;
    void showError(const ErrorText& error);

    AppContext& m_context;
    QComboBox* m_who;
    QComboBox* m_what;
    QLabel* m_message;
    QTableView* m_table;
    AuditTableModel* m_model;
    AsyncQuery m_rowsQuery;
    AsyncQuery m_wordsQuery;
    bool m_fitted = false;
};

} // namespace voorwerp::app
