// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/command_palette.h"
#include "widgets/guide_viewer.h"
#include "widgets/widget_fixture.h"

#include <catch2/catch.hpp>

#include <QAction>
#include <QLineEdit>
#include <QListWidget>
#include <QMainWindow>
#include <QMenuBar>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextBrowser>
#include <QtTest/QTest>

using namespace voorwerp;
using namespace voorwerp::widgets;

TEST_CASE("Fuzzy matching prefers word starts and runs, and needs all letters in order")
{
    CHECK(fuzzyScore(QStringLiteral("if"), QStringLiteral("Import files…")) >
          fuzzyScore(QStringLiteral("if"), QStringLiteral("Verify backup")));
    CHECK(fuzzyScore(QStringLiteral("backup"), QStringLiteral("Back up now")) > 0);
    CHECK(fuzzyScore(QStringLiteral("at"), QStringLiteral("Data of all")) >
          0); // not only at the start of "all"
    CHECK(fuzzyScore(QStringLiteral("qutr"), QStringLiteral("Train on quasars, then rest")) > 0);
    CHECK(fuzzyScore(QStringLiteral("ta"), QStringLiteral("at")) < 0);
    CHECK(fuzzyScore(QStringLiteral("zq"), QStringLiteral("Import files…")) < 0);
    CHECK(fuzzyScore({}, QStringLiteral("anything")) >= 0);
    CHECK(fuzzyScore(QStringLiteral("exp"), QStringLiteral("Export candidates…")) >
          fuzzyScore(QStringLiteral("exp"), QStringLiteral("Show next spectrum")));
}

TEST_CASE("The command palette finds an action by a few letters, runs it with Enter and gives the focus back")
{
    QMainWindow window;
    auto* field = new QLineEdit(&window);
    window.setCentralWidget(field);
    QMenu* file = window.menuBar()->addMenu(QStringLiteral("&File"));
    QAction* import = file->addAction(QStringLiteral("&Import files…"));
    import->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_O));
    QMenu* sub = file->addMenu(QStringLiteral("Export"));
    QAction* csv = sub->addAction(QStringLiteral("Candidates as CSV…"));
    QAction* off = file->addAction(QStringLiteral("Imprint nothing"));
    off->setEnabled(false);
    CommandPalette palette(&window);
    test::showAt(window, 900, 600);
    field->setFocus();
    int imported = 0;
    int exported = 0;
    QObject::connect(import, &QAction::triggered, [&] { ++imported; });
    QObject::connect(csv, &QAction::triggered, [&] { ++exported; });

    palette.open(CommandPalette::actionsOf(window.menuBar()));
    auto* edit = palette.findChild<QLineEdit*>();
    auto* list = palette.findChild<QListWidget*>();
    CHECK(list->count() == 3);
    QTest::keyClicks(edit, QStringLiteral("imp"));
    test::picture(window, QStringLiteral("command_palette"));
    QTest::keyClick(edit, Qt::Key_Return);
    CHECK(imported == 1);
    CHECK_FALSE(palette.isVisible());
    CHECK(field->hasFocus());

    palette.open(CommandPalette::actionsOf(window.menuBar()));
    QTest::keyClicks(edit, QStringLiteral("ccsv"));
    QTest::keyClick(edit, Qt::Key_Enter);
    CHECK(exported == 1);
    palette.open(CommandPalette::actionsOf(window.menuBar()));
    QTest::keyClicks(edit, QStringLiteral("imprint"));
    QTest::keyClick(edit, Qt::Key_Return); // disabled: stays open
    CHECK(palette.isVisible());
    QTest::keyClick(edit, Qt::Key_Escape);
    CHECK_FALSE(palette.isVisible());
}

TEST_CASE("The guide lists its pages, follows links to headings and finds text")
{
    GuideViewer guide(QStringLiteral(":/test-guide"));
    test::showAt(guide, 900, 500);
    CHECK(guide.pageCount() == 3);
    CHECK(guide.currentPage() == QStringLiteral("index.md"));
    auto* pages = guide.findChild<QListWidget*>();
    CHECK(pages->item(0)->text() == QStringLiteral("Welcome"));
    CHECK(pages->item(1)->text() == QStringLiteral("The map"));
    CHECK(pages->item(2)->text() == QStringLiteral("About")); // as the index says, not by name
    test::picture(guide, QStringLiteral("guide"));
    auto* browser = guide.findChild<QTextBrowser*>();
    Q_EMIT browser->anchorClicked(QUrl(QStringLiteral("map.md#the-lasso")));
    CHECK(guide.currentPage() == QStringLiteral("map.md"));
    CHECK(browser->textCursor().block().text() == QStringLiteral("The lasso"));
    CHECK(browser->verticalScrollBar()->value() > 0);
    auto* find = guide.findChild<QLineEdit*>();
    QTest::keyClicks(find, QStringLiteral("number 60"));
    QTest::keyClick(find, Qt::Key_Return);
    CHECK(browser->textCursor().selectedText() == QStringLiteral("number 60"));
    guide.showPage(QStringLiteral("nothing-of-that-name.md"));
    CHECK(guide.currentPage() == QStringLiteral("index.md"));
    browser->setFocus();
    QTest::keyClick(browser, Qt::Key_Escape);
    CHECK_FALSE(guide.isVisible());
}
