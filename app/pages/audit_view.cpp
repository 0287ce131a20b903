// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/audit_view.h"

#include "app/app_context.h"
#include "app/pages/audit_table_model.h"
#include "widgets/table_setup.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTableView>
#include <QVBoxLayout>

#include <utility>

namespace voorwerp::app {

namespace {

constexpr std::size_t kPage = 200;

/// Keeps what is chosen.
void fill(QComboBox* box, const QString& all, const std::vector<std::string>& words)
{
    const QSignalBlocker blocker(box);
    const QString chosen = box->currentData().toString();
    box->clear();
    box->addItem(all, QString());
    for (const std::string& word : words)
        box->addItem(QString::fromStdString(word), QString::fromStdString(word));
    box->setCurrentIndex(std::max(0, box->findData(chosen)));
}

} // namespace

AuditView::AuditView(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_who(new QComboBox)
    , m_what(new QComboBox)
    , m_message(new QLabel)
    , m_table(new QTableView)
    , m_model(new AuditTableModel(this))
    , m_rowsQuery(context)
    , m_wordsQuery(context)
{
    setObjectName(QStringLiteral("auditView"));
    m_who->setObjectName(QStringLiteral("auditWho"));
    m_who->setAccessibleName(tr("Only this person"));
    m_what->setObjectName(QStringLiteral("auditWhat"));
    m_what->setAccessibleName(tr("Only this action"));
    m_table->setObjectName(QStringLiteral("auditTable"));
    m_table->setAccessibleName(tr("Audit"));
    m_table->setModel(m_model);
    widgets::setupTable(m_table);
    m_table->setSortingEnabled(false);
    m_table->setTextElideMode(Qt::ElideMiddle); // the end of a path says most
    m_message->setWordWrap(true);
    m_message->hide();
    for (QComboBox* box : {m_who, m_what}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        connect(box, &QComboBox::currentIndexChanged, this, &AuditView::loadRows);
    }
    fill(m_who, tr("everybody"), {});
    fill(m_what, tr("every action"), {});
    auto* again = new QPushButton(tr("Read again"));
    again->setToolTip(tr("Shows what happened since"));
    auto* row = new QHBoxLayout;
    for (QWidget* widget : std::initializer_list<QWidget*>{m_who, m_what, again})
        row->addWidget(widget);
    row->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->addLayout(row);
    column->addWidget(m_message);
    column->addWidget(m_table, 1);
    connect(again, &QPushButton::clicked, this, &AuditView::load);
    connect(m_model, &AuditTableModel::moreWanted, this, &AuditView::loadMore);
    for (AsyncQuery* query : {&m_rowsQuery, &m_wordsQuery})
        connect(query, &AsyncQuery::failed, this, &AuditView::showError);
}

void AuditView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    load();
}

void AuditView::load()
{
    if (!isVisible() || !m_context.permissions().may(catalog::Right::Audit))
        return;
    m_wordsQuery.ask([](const pipeline::Session& session,
                        std::stop_token stop) { return catalog::auditWords(session.database(), stop); },
                     [this](const std::shared_ptr<const catalog::AuditWords>& words) {
                         fill(m_who, tr("everybody"), words->logins);
                         fill(m_what, tr("every action"), words->actions);
                     });
    loadRows();
}

catalog::AuditQuery AuditView::query() const
{
    catalog::AuditQuery query;
    query.login = m_who->currentData().toString().toStdString();
    query.action = m_what->currentData().toString().toStdString();
    query.limit = kPage;
    return query;
}

void AuditView::loadRows()
{
    m_rowsQuery.ask(
        [query = query()](const pipeline::Session& session, std::stop_token stop) {
            return catalog::listAudit(session.database(), query, stop);
        },
        [this](const std::shared_ptr<const std::vector<catalog::AuditEntry>>& rows) {
            m_message->hide();
            m_model->setEntries(*rows, rows->size() < kPage);
            if (!rows->empty() && !std::exchange(m_fitted, true))
                widgets::fitColumns(m_table);
        });
}

void AuditView::loadMore()
{
    if (m_rowsQuery.isBusy())
        return;
    catalog::AuditQuery next = query();
    next.before = m_model->oldest();
    m_rowsQuery.ask(
        [next](const pipeline::Session& session, std::stop_token stop) {
            return catalog::listAudit(session.database(), next, stop);
        },
        [this](const std::shared_ptr<const std::vector<catalog::AuditEntry>>& rows) {
            m_model->append(*rows, rows->size() < kPage);
        });
}

void AuditView::showError(const ErrorText& error)
{
    m_message->setText(error.toString());
    m_message->show();
}

} // namespace voorwerp::app
