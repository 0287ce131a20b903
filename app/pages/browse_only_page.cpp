// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/browse_only_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/pages/survey_page.h"
#include "widgets/empty_state.h"

#include <QVBoxLayout>

namespace voorwerp::app {

BrowseOnlyPage::BrowseOnlyPage(AppContext& context, const QString& name, const QString& title,
                               const QIcon& icon, QWidget* parent)
    : Page(context, name, title, icon, parent)
{
    const QString production = QString::fromStdString(context.request().production);
    auto* state = new widgets::EmptyState(tr("%1 needs a workspace").arg(title),
                                          tr("%1 is only browsed: labels, training, scores and candidates "
                                             "are kept in tables of Voorwerp's own, and "
                                             "nothing is written to this server. Import the FITS files of "
                                             "the spectra that matter into a workspace "
                                             "to work with them.")
                                              .arg(production));
    auto* column = new QVBoxLayout(this);
    column->addWidget(state);
}

QList<Page*> makeBrowsingPages(AppContext& context, QWidget* parent)
{
    const auto page = [&](const char* name, const QString& title, IconShape icon) -> Page* {
        return new BrowseOnlyPage(context, QString::fromLatin1(name), title, lineIcon(icon), parent);
    };
    return {new SurveyPage(context, parent),
            page("train", BrowseOnlyPage::tr("Train"), IconShape::Train),
            page("explore", BrowseOnlyPage::tr("Explore"), IconShape::Explore),
            page("candidates", BrowseOnlyPage::tr("Candidates"), IconShape::Candidates),
            page("models", BrowseOnlyPage::tr("Models"), IconShape::Models),
            page("care", BrowseOnlyPage::tr("Care"), IconShape::Care)};
}

} // namespace voorwerp::app
