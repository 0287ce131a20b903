// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/job_strip.h"

#include "widgets/elided_label.h"
#include "widgets/theme.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLocale>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <optional>

namespace voorwerp::widgets {

namespace {

using State = JobRow::State;
constexpr int kProgressSteps = 1000;
constexpr int kBarWidth = 180;
constexpr int kMostPanelRows = 6;

bool isActive(const JobRow& job)
{
    return job.state == State::Running || job.state == State::Stopping;
}

bool canStop(const JobRow& job)
{
    return job.state == State::Queued || job.state == State::Running;
}

/// What a person wants to see first: work under way, then what went wrong.
int importance(const JobRow& job)
{
    switch (job.state) {
    case State::Running:
    case State::Stopping:
        return 4;
    case State::Failed:
        return 3;
    case State::Queued:
        return 2;
    case State::Stopped:
        return 1;
    case State::Done:
        break;
    }
    return 0;
}

QString phaseText(const JobRow& job)
{
    switch (job.state) {
    case State::Queued:
        return job.phase.isEmpty() ? JobStrip::tr("waiting") : job.phase;
    case State::Stopping:
        return JobStrip::tr("stopping");
    case State::Stopped:
        return job.canRetry ? JobStrip::tr("stopped; it can go on from here") : JobStrip::tr("stopped");
    case State::Failed:
        return job.remedy.isEmpty() ? job.error : job.error + QLatin1Char('\n') + job.remedy;
    case State::Running:
    case State::Done:
        break;
    }
    return job.phase;
}

QString numbersText(const JobRow& job)
{
    QStringList parts;
    if (const QString left = timeLeftText(job.secondsLeft); !left.isEmpty())
        parts << left;
    if (job.ratePerSecond > 0.0 && !job.unit.isEmpty())
        parts << JobStrip::tr("%1 %2/s").arg(
            QLocale().toString(job.ratePerSecond, 'f', job.ratePerSecond < 10.0 ? 1 : 0), job.unit);
    return parts.join(QStringLiteral(" · "));
}

} // namespace

QString timeLeftText(double seconds)
{
    if (!(seconds >= 0.0) || !std::isfinite(seconds))
        return {};
    const auto whole = static_cast<qint64>(std::ceil(seconds));
    if (whole < 60)
        return JobStrip::tr("%1 s left").arg(whole);
    if (whole < 3600)
        return JobStrip::tr("%1 min %2 s left").arg(whole / 60).arg(whole % 60);
    return JobStrip::tr("%1 h %2 min left").arg(whole / 3600).arg(whole % 3600 / 60);
}

/// Labels and buttons of one job. The buttons stay where they are while the texts change.
class JobStrip::Row : public QWidget
{
public:
    explicit Row(QWidget* parent)
        : QWidget(parent)
        , m_title(new ElidedLabel(this))
        , m_phase(new ElidedLabel(this))
        , m_bar(new QProgressBar(this))
        , m_numbers(new QLabel(this))
        , m_details(new QPushButton(JobStrip::tr("Details"), this))
        , m_retry(new QPushButton(this))
        , m_stop(new QPushButton(this))
    {
        auto* layout = new QHBoxLayout(this);
        layout->setContentsMargins(8, 2, 8, 2);
        layout->setSpacing(10);
        layout->addWidget(m_title);
        layout->addWidget(m_phase, 1);
        for (QWidget* part : std::initializer_list<QWidget*>{m_bar, m_numbers, m_details, m_retry, m_stop})
            layout->addWidget(part);
        m_title->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
        m_phase->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        m_bar->setRange(0, kProgressSteps);
        m_bar->setFixedWidth(kBarWidth);
        m_bar->setFixedHeight(fontMetrics().height() + 2);
        m_bar->setFormat(QStringLiteral("%p %"));
        m_numbers->setFont(tabularFont(font()));
        m_numbers->setMinimumWidth(m_numbers->fontMetrics().horizontalAdvance(
            QStringLiteral("59 min 59 s left · 99,999 spectra/s")));
        m_details->setToolTip(JobStrip::tr("The whole message, to read and to copy"));
        m_details->setObjectName(QStringLiteral("details"));
        m_retry->setObjectName(QStringLiteral("retry"));
        m_stop->setObjectName(QStringLiteral("stop"));
        m_stop->setText(JobStrip::tr("Dismiss"));
        const int wide = m_stop->sizeHint().width();
        m_stop->setText(JobStrip::tr("Stop"));
        m_stop->setMinimumWidth(std::max(wide, m_stop->sizeHint().width()));
    }

    void show(const JobRow& job)
    {
        if (m_job && *m_job == job)
            return;
        m_job = job;
        const bool failed = job.state == State::Failed;
        m_title->setLine(job.title);
        QFont bold = font();
        bold.setBold(failed);
        m_title->setFont(bold);
        m_phase->setLine(phaseText(job));
        colourTexts(failed);
        m_bar->setVisible(isActive(job));
        m_bar->setRange(0, job.fraction < 0.0 ? 0 : kProgressSteps);
        m_bar->setValue(static_cast<int>(std::lround(std::clamp(job.fraction, 0.0, 1.0) * kProgressSteps)));
        m_numbers->setText(numbersText(job));
        m_numbers->setVisible(isActive(job));
        m_details->setVisible(!job.error.isEmpty());
        m_retry->setVisible(job.canRetry);
        m_retry->setText(failed ? JobStrip::tr("Retry") : JobStrip::tr("Go on"));
        m_stop->setText(isActive(job) || canStop(job) ? JobStrip::tr("Stop") : JobStrip::tr("Dismiss"));
        m_stop->setEnabled(job.state != State::Stopping);
        for (QPushButton* button : {m_details, m_retry, m_stop})
            button->setAccessibleName(button->text() + QLatin1Char(' ') + job.title);
    }

    qint64 id() const { return m_job ? m_job->id : 0; }
    QPushButton* detailsButton() const { return m_details; }
    QPushButton* retryButton() const { return m_retry; }
    QPushButton* stopButton() const { return m_stop; }

private:
    void colourTexts(bool failed)
    {
        const Theme theme = Theme::of(window());
        QPalette colours = palette();
        colours.setColor(QPalette::WindowText, failed ? theme.warning : theme.ink);
        m_title->setPalette(colours);
        colours.setColor(QPalette::WindowText, failed ? theme.ink : theme.faint);
        m_phase->setPalette(colours);
        m_numbers->setPalette(colours);
    }

    std::optional<JobRow> m_job;
    ElidedLabel* m_title;
    ElidedLabel* m_phase;
    QProgressBar* m_bar;
    QLabel* m_numbers;
    QPushButton* m_details;
    QPushButton* m_retry;
    QPushButton* m_stop;
};

JobStrip::JobStrip(QWidget* parent)
    : QWidget(parent)
    , m_idle(new QLabel(tr("No job is running"), this))
    , m_more(new QToolButton(this))
    , m_panel(new QScrollArea)
{
    setObjectName(QStringLiteral("jobStrip"));
    m_home = makeRow(this);
    m_more->setObjectName(QStringLiteral("otherJobs"));
    m_more->setCheckable(true);
    m_more->setAutoRaise(true);
    m_more->setText(tr("⚠ %1 more").arg(99));
    m_more->setFixedWidth(m_more->sizeHint().width());
    QSizePolicy policy = m_more->sizePolicy();
    policy.setRetainSizeWhenHidden(true); // the buttons beside it do not move when it appears
    m_more->setSizePolicy(policy);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 2, 8, 2);
    layout->setSpacing(0);
    layout->addWidget(m_idle, 1);
    layout->addWidget(m_home, 1);
    layout->addWidget(m_more);
    m_idle->setContentsMargins(8, 0, 0, 0);
    m_idle->setForegroundRole(QPalette::PlaceholderText); // as quiet as a hint
    setFixedHeight(m_home->sizeHint().height() + 4);

    m_panel->setObjectName(QStringLiteral("jobPanel"));
    m_panel->setFrameShape(QFrame::StyledPanel);
    m_panel->setAutoFillBackground(true);
    m_panel->setWidgetResizable(true);
    m_panel->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* rows = new QWidget;
    m_panelLayout = new QVBoxLayout(rows);
    m_panelLayout->setContentsMargins(0, 2, 0, 2);
    m_panelLayout->setSpacing(0);
    m_panelLayout->addStretch();
    m_panel->setWidget(rows);
    m_panel->setParent(this);
    m_panel->hide();
    m_panel->installEventFilter(this);
    connect(m_more, &QToolButton::toggled, this, &JobStrip::showOthers);
    refresh();
}

JobStrip::Row* JobStrip::makeRow(QWidget* parent)
{
    auto* row = new Row(parent);
    connect(row->detailsButton(), &QPushButton::clicked, this, [this, row] { showDetails(row->id()); });
    connect(row->retryButton(), &QPushButton::clicked, this,
            [this, row] { Q_EMIT retryRequested(row->id()); });
    connect(row->stopButton(), &QPushButton::clicked, this, [this, row] {
        const auto found = m_jobs.find(row->id());
        if (found == m_jobs.end())
            return;
        if (canStop(found->second))
            Q_EMIT stopRequested(found->first);
        else
            Q_EMIT dismissed(found->first);
    });
    return row;
}

void JobStrip::setJob(const JobRow& job)
{
    m_jobs[job.id] = job;
    refresh();
}

void JobStrip::removeJob(qint64 id)
{
    if (m_jobs.erase(id) != 0)
        refresh();
}

/// The row in front stays while it is as important as any, and while the pointer is on it: a click must not
/// hit another job than the one that was aimed at.
void JobStrip::chooseFront()
{
    const auto front = m_jobs.find(m_front);
    if (front != m_jobs.end() && m_home->underMouse())
        return;
    const auto most = std::max_element(m_jobs.begin(), m_jobs.end(), [](const auto& a, const auto& b) {
        return importance(a.second) < importance(b.second);
    });
    if (most == m_jobs.end())
        m_front = 0;
    else if (front == m_jobs.end() || importance(front->second) < importance(most->second))
        m_front = most->first;
}

void JobStrip::refresh()
{
    chooseFront();
    m_home->setVisible(m_front != 0);
    m_idle->setVisible(m_front == 0);
    if (m_front != 0)
        m_home->show(m_jobs.at(m_front));
    int failed = 0;
    for (const auto& [id, job] : m_jobs) {
        if (id == m_front)
            continue;
        Row*& row = m_rows[id];
        if (row == nullptr) {
            row = makeRow(m_panel->widget());
            m_panelLayout->insertWidget(static_cast<int>(std::distance(m_rows.begin(), m_rows.find(id))),
                                        row);
            row->setVisible(true);
        }
        row->show(job);
        failed += job.state == State::Failed ? 1 : 0;
    }
    for (auto it = m_rows.begin(); it != m_rows.end();) {
        const bool kept = it->first != m_front && m_jobs.count(it->first) != 0;
        if (!kept) {
            m_panelLayout->removeWidget(it->second);
            it->second->hide();
            it->second->deleteLater();
        }
        it = kept ? std::next(it) : m_rows.erase(it);
    }
    const auto others = m_rows.size();
    m_more->setVisible(others != 0);
    m_more->setText((failed > 0 ? tr("⚠ %1 more") : tr("%1 more")).arg(others));
    m_more->setToolTip(failed > 0 ? tr("Show or hide the other jobs (Ctrl+J); %1 of them failed").arg(failed)
                                  : tr("Show or hide the other jobs (Ctrl+J)"));
    if (others == 0)
        m_more->setChecked(false);
    placePanel();
}

void JobStrip::showOthers(bool shown)
{
    const bool visible = shown && !m_rows.empty();
    m_more->setChecked(visible);
    if (visible && m_panel->parentWidget() != window())
        m_panel->setParent(window());
    m_panel->setVisible(visible);
    placePanel();
    if (visible)
        m_panel->raise();
}

void JobStrip::placePanel()
{
    if (!m_panel->isVisible())
        return;
    const int rows = std::min(kMostPanelRows, static_cast<int>(m_rows.size()));
    const int height = rows * m_home->sizeHint().height() + 4 + 2 * m_panel->frameWidth();
    const QPoint corner = mapTo(window(), QPoint(0, 0));
    m_panel->setGeometry(corner.x(), std::max(0, corner.y() - height), width(), std::min(height, corner.y()));
}

void JobStrip::showDetails(qint64 id)
{
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end())
        return;
    const JobRow& job = found->second;
    auto* dialog = new QDialog(window());
    dialog->setObjectName(QStringLiteral("jobDetails"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(job.title);
    auto* text = new QPlainTextEdit(job.remedy.isEmpty() ? job.error
                                                         : job.error + QStringLiteral("\n\n") + job.remedy);
    text->setReadOnly(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto* column = new QVBoxLayout(dialog);
    column->addWidget(text);
    column->addWidget(buttons);
    dialog->resize(640, 300);
    dialog->show();
}

void JobStrip::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    refresh();
}

void JobStrip::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    placePanel();
}

void JobStrip::moveEvent(QMoveEvent* event)
{
    QWidget::moveEvent(event);
    placePanel();
}

bool JobStrip::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_panel && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        showOthers(false);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace voorwerp::widgets
