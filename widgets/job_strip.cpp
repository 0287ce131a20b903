// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/job_strip.h"

#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {
constexpr int kProgressSteps = 1000;
}

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

/// Labels and buttons of one job.
class JobStrip::Row : public QWidget
{
public:
    explicit Row(JobStrip* strip)
        : QWidget(strip)
        , m_title(new QLabel(this))
        , m_phase(new QLabel(this))
        , m_bar(new QProgressBar(this))
        , m_numbers(new QLabel(this))
        , m_retry(new QPushButton(JobStrip::tr("Retry"), this))
        , m_stop(new QPushButton(this))
    {
        auto* layout = new QHBoxLayout(this);
        layout->setContentsMargins(8, 2, 8, 2);
        layout->setSpacing(10);
        for (QWidget* part : std::initializer_list<QWidget*>{m_title, m_phase, m_bar, m_numbers})
            layout->addWidget(part);
        layout->addStretch(1);
        layout->addWidget(m_retry);
        layout->addWidget(m_stop);
        m_bar->setRange(0, kProgressSteps);
        m_bar->setFixedWidth(180);
        m_bar->setFixedHeight(fontMetrics().height() + 2);
        m_numbers->setFont(tabularFont(font()));
        m_phase->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_retry->setObjectName(QStringLiteral("retry"));
        m_stop->setObjectName(QStringLiteral("stop"));
    }

    void show(const JobRow& job)
    {
        m_job = job;
        const bool failed = job.state == JobRow::State::Failed;
        const bool active = job.state == JobRow::State::Running || job.state == JobRow::State::Stopping;
        m_title->setText(job.title);
        QFont bold = font();
        bold.setBold(failed);
        m_title->setFont(bold);
        m_phase->setText(phaseText());
        m_phase->setVisible(!m_phase->text().isEmpty());
        const bool sentence = failed || job.state == JobRow::State::Done;
        m_phase->setWordWrap(sentence);
        m_phase->setSizePolicy(sentence ? QSizePolicy::Expanding : QSizePolicy::Maximum,
                               QSizePolicy::Preferred);
        static_cast<QHBoxLayout*>(layout())->setStretchFactor(m_phase, sentence ? 10 : 0);
        paintText(failed);
        m_bar->setVisible(active);
        m_bar->setRange(0, job.fraction < 0.0 ? 0 : kProgressSteps);
        m_bar->setValue(static_cast<int>(std::lround(std::clamp(job.fraction, 0.0, 1.0) * kProgressSteps)));
        m_bar->setFormat(QStringLiteral("%p %"));
        m_numbers->setText(numbersText());
        m_numbers->setVisible(active && !m_numbers->text().isEmpty());
        m_retry->setVisible(failed && job.canRetry);
        m_stop->setText(active || job.state == JobRow::State::Queued ? JobStrip::tr("Stop")
                                                                     : JobStrip::tr("Dismiss"));
        m_stop->setEnabled(job.state != JobRow::State::Stopping);
        m_stop->setAccessibleName(m_stop->text() + QLatin1Char(' ') + job.title);
    }

    const JobRow& job() const { return m_job; }
    QPushButton* retryButton() const { return m_retry; }
    QPushButton* stopButton() const { return m_stop; }
    bool canStop() const
    {
        return m_job.state == JobRow::State::Queued || m_job.state == JobRow::State::Running;
    }

private:
    QString phaseText() const
    {
        switch (m_job.state) {
        case JobRow::State::Queued:
            return JobStrip::tr("waiting");
        case JobRow::State::Stopping:
            return JobStrip::tr("stopping");
        case JobRow::State::Failed:
            return m_job.remedy.isEmpty() ? m_job.error : m_job.error + QLatin1Char(' ') + m_job.remedy;
        case JobRow::State::Running:
        case JobRow::State::Done:
            break;
        }
        return m_job.phase;
    }

    QString numbersText() const
    {
        QStringList parts;
        if (const QString left = timeLeftText(m_job.secondsLeft); !left.isEmpty())
            parts << left;
        if (m_job.ratePerSecond > 0.0 && !m_job.unit.isEmpty())
            parts << JobStrip::tr("%1 %2/s").arg(
                QLocale().toString(m_job.ratePerSecond, 'f', m_job.ratePerSecond < 10.0 ? 1 : 0), m_job.unit);
        return parts.join(QStringLiteral(" · "));
    }

    void paintText(bool failed)
    {
        const Theme theme = Theme::of(parentWidget());
        QPalette colours = palette();
        colours.setColor(QPalette::WindowText, failed ? theme.warning : theme.ink);
        m_title->setPalette(colours);
        colours.setColor(QPalette::WindowText, failed ? theme.ink : theme.faint);
        m_phase->setPalette(colours);
        m_numbers->setPalette(colours);
    }

    JobRow m_job;
    QLabel* m_title;
    QLabel* m_phase;
    QProgressBar* m_bar;
    QLabel* m_numbers;
    QPushButton* m_retry;
    QPushButton* m_stop;
};

JobStrip::JobStrip(QWidget* parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 2, 0, 2);
    m_layout->setSpacing(0);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    hide();
}

void JobStrip::setJob(const JobRow& job)
{
    Row*& row = m_rows[job.id];
    if (row == nullptr) {
        row = new Row(this);
        m_layout->addWidget(row);
        const qint64 id = job.id;
        connect(row->retryButton(), &QPushButton::clicked, this, [this, id] { Q_EMIT retryRequested(id); });
        connect(row->stopButton(), &QPushButton::clicked, this, [this, id] {
            if (m_rows.at(id)->canStop())
                Q_EMIT stopRequested(id);
            else
                Q_EMIT dismissed(id);
        });
    }
    if (!(row->job() == job))
        row->show(job);
    setVisible(!m_rows.empty());
}

void JobStrip::removeJob(qint64 id)
{
    const auto found = m_rows.find(id);
    if (found == m_rows.end())
        return;
    found->second->hide();
    found->second->deleteLater();
    m_rows.erase(found);
    setVisible(!m_rows.empty());
}

void JobStrip::setJobs(const std::vector<JobRow>& jobs)
{
    std::vector<qint64> gone;
    for (const auto& [id, row] : m_rows) {
        const bool kept =
            std::any_of(jobs.begin(), jobs.end(), [id = id](const JobRow& job) { return job.id == id; });
        if (!kept)
            gone.push_back(id);
    }
    for (const qint64 id : gone)
        removeJob(id);
    for (const JobRow& job : jobs)
        setJob(job);
}

} // namespace voorwerp::widgets
