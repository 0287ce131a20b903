// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What imported catalogues say about the current object: a line under the spectrum's title, all columns in
// its tooltip. Hidden while there is nothing to say.

#include "app/jobs/async_query.h"
#include "catalog/imported_store.h"

#include <QLabel>

namespace voorwerp::app {

class CatalogueNote : public QLabel
{
    Q_OBJECT

public:
    explicit CatalogueNote(AppContext& context, QWidget* parent = nullptr);

private:
    void refresh();
    void show(const std::vector<catalog::ImportedRow>& rows);

    AppContext& m_context;
    AsyncQuery m_query;
    std::int64_t m_shown = 0; ///< id of the spectrum; 0: none
};

} // namespace voorwerp::app
