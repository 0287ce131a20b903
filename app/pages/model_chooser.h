// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Whose scores are shown, "model: vae@3 (champion)", and the versions that could be shown instead. Says and
// changes WorkspaceFacts::shownModel(), so that all pages follow. GUI thread only.

#include <QComboBox>

namespace voorwerp::app {

class AppContext;

class ModelChooser : public QComboBox
{
    Q_OBJECT

public:
    explicit ModelChooser(AppContext& context, QWidget* parent = nullptr);

private:
    void refresh();

    AppContext& m_context;
};

} // namespace voorwerp::app
