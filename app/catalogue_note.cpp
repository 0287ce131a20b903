// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalogue_note.h"

#include "app/app_context.h"
#include "app/spectrum_service.h"

#include <QLocale>

#include <algorithm>

namespace voorwerp::app {

namespace {

constexpr std::size_t kCellsInLine = 6;
constexpr std::size_t kRowsInTip = 3;

QString cell(const std::optional<std::string>& text)
{
    return QString::fromStdString(text.value_or("")).toHtmlEscaped();
}

/// "squad 0.12″: SDSS_NAME 001439.18…, Anomaly_Type Non-BAL…"
QString lineOf(const catalog::ImportedRow& row)
{
    QStringList cells;
    for (std::size_t i = 0; i < row.columns.size() && cells.size() < static_cast<int>(kCellsInLine); ++i)
        if (row.cells[i])
            cells.append(
                QStringLiteral("%1&nbsp;%2")
                    .arg(QString::fromStdString(row.columns[i].name).toHtmlEscaped(), cell(row.cells[i])));
    return QStringLiteral("<b>%1</b> %2″: %3")
        .arg(QString::fromStdString(row.catalogue).toHtmlEscaped(),
             QLocale().toString(row.separationArcsec, 'f', 2), cells.join(QStringLiteral(", ")));
}

QString tableOf(const catalog::ImportedRow& row)
{
    QString text = QStringLiteral("<tr><th colspan=2 align=left>%1, %2″</th></tr>")
                       .arg(QString::fromStdString(row.catalogue).toHtmlEscaped(),
                            QLocale().toString(row.separationArcsec, 'f', 3));
    for (std::size_t i = 0; i < row.columns.size(); ++i)
        text +=
            QStringLiteral("<tr><td>%1</td><td>%2 %3</td></tr>")
                .arg(QString::fromStdString(row.columns[i].name).toHtmlEscaped(), cell(row.cells[i]),
                     row.cells[i] ? QString::fromStdString(row.columns[i].unit).toHtmlEscaped() : QString());
    return text;
}

} // namespace

CatalogueNote::CatalogueNote(AppContext& context, QWidget* parent)
    : QLabel(parent)
    , m_context(context)
    , m_query(context)
{
    setObjectName(QStringLiteral("catalogueNote"));
    setWordWrap(true);
    setMinimumWidth(0);
    setContentsMargins(8, 0, 8, 0);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    hide();
    connect(&context.spectra(), &SpectrumService::shownChanged, this, &CatalogueNote::refresh);
    connect(&context, &AppContext::matchesChanged, this, [this] {
        m_shown = 0;
        refresh();
    });
}

void CatalogueNote::refresh()
{
    const auto& shown = m_context.spectra().shown();
    const std::int64_t id = shown ? shown->id.value : 0;
    if (id == m_shown || id == 0)
        return; // the model's curve came, or the next spectrum is loading
    m_shown = id;
    setText(QStringLiteral("&nbsp;")); // not what was said about the spectrum before
    m_query.ask(
        [id](const pipeline::Session& session, std::stop_token stop) {
            return session.isBrowsing() ? std::vector<catalog::ImportedRow>()
                                        : catalog::matchesOf(session.database(), {id}, stop);
        },
        [this](const std::shared_ptr<const std::vector<catalog::ImportedRow>>& rows) { show(*rows); });
}

void CatalogueNote::show(const std::vector<catalog::ImportedRow>& rows)
{
    setVisible(!rows.empty());
    if (rows.empty())
        return;
    QString text = lineOf(rows.front());
    if (rows.size() > 1)
        text += tr(" (and %Ln more)", nullptr, static_cast<int>(rows.size()) - 1);
    if (rows.front().outdated)
        text += tr(" — this match is older than the newest spectra");
    setText(text);
    QString tip;
    for (std::size_t i = 0; i < std::min(rows.size(), kRowsInTip); ++i)
        tip += tableOf(rows[i]);
    setToolTip(QStringLiteral("<table>%1</table>").arg(tip));
}

} // namespace voorwerp::app
