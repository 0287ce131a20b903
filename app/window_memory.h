// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Remembers the window in the workspace's window.ini: its place, the page in front, what every page shows,
// and what is picked. Writes a moment after each change, so that a program that was killed comes back nearly
// as it was. GUI thread only.

#include "app/selection.h"

#include <QByteArray>
#include <QObject>
#include <QRect>
#include <QTimer>

#include <functional>
#include <vector>

namespace voorwerp::app {

class AppContext;
class Page;

class WindowMemory : public QObject
{
    Q_OBJECT

public:
    /// pageInFront: the name of the page to show at the next start.
    WindowMemory(AppContext& context, QWidget* window, QList<Page*> pages,
                 std::function<QString()> pageInFront);

    /// Puts everything back and returns the name of the page that was in front; from now on changes are
    /// saved.
    QString restore();
    void save();
    /// Within a second or two.
    void saveSoon();

protected:
    /// What a person does with mouse or keys may change anything.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fitIntoScreen();
    void savePicked();
    void restorePicked();

    AppContext& m_context;
    QWidget* m_window;
    QList<Page*> m_pages;
    std::function<QString()> m_pageInFront;
    QTimer m_soon;
    SpectrumIds m_savedPicked;
};

/// The nearest place and size at which the window is wholly on the screen.
QRect fittedInto(const QRect& window, const QRect& screen);

/// Ids in ascending order as a few bytes each, and back; what cannot be read gives an empty list.
QByteArray packedIds(const std::vector<core::SpectrumId>& ids);
std::vector<core::SpectrumId> unpackedIds(const QByteArray& bytes);

} // namespace voorwerp::app
