// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/page_list.h"

#include "app/app_context.h"
#include "app/pages/browse_only_page.h"
#include "app/pages/candidates_page.h"
#include "app/pages/care_page.h"
#include "app/pages/explore_page.h"
#include "app/pages/models_page.h"
#include "app/pages/survey_page.h"
#include "app/pages/train_page.h"

namespace voorwerp::app {

QList<Page*> makePages(AppContext& context, QWidget* parent)
{
    if (context.isBrowsing())
        return makeBrowsingPages(context, parent);
    return {new SurveyPage(context, parent),  new TrainPage(context, parent),
            new ExplorePage(context, parent), new CandidatesPage(context, parent),
            new ModelsPage(context, parent),  new CarePage(context, parent)};
}

} // namespace voorwerp::app
