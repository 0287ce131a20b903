// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A small entry for a place on the sky, which becomes a cone of the filter: "12:34:56.7 +01:23:45 30"",
// degrees, or a name that holds its coordinates.

#include <QLineEdit>

namespace voorwerp::app {

class AppContext;

class SkySearch : public QLineEdit
{
    Q_OBJECT

public:
    explicit SkySearch(AppContext& context, QWidget* parent = nullptr);

private:
    void search();

    AppContext& m_context;
};

/// The filter shows the spectra within a minute of arc of the current object.
void showNearCurrent(AppContext& context);

} // namespace voorwerp::app
