// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The user guide: Markdown pages built into the program, with a list of pages, links and find.

#include <QUrl>
#include <QWidget>

class QLineEdit;
class QListWidget;
class QTextBrowser;

namespace voorwerp::widgets {

class GuideViewer : public QWidget
{
    Q_OBJECT
public:
    /// folder: a Qt resource folder such as ":/guide" with *.md files; index.md first, the others in the
    /// order of its last links. Esc closes it. A page's title is its first heading.
    explicit GuideViewer(const QString& folder, QWidget* parent = nullptr);

    /// page: file name without folder, optionally with "#heading"; unknown pages show the index.
    void showPage(const QString& page);
    QString currentPage() const;
    int pageCount() const;

private:
    void loadPage(const QString& file);
    void scrollTo(const QString& anchor);
    void openLink(const QUrl& link);
    void findNext();

    QString m_folder;
    QListWidget* m_pages;
    QTextBrowser* m_browser;
    QLineEdit* m_find;
};

} // namespace voorwerp::widgets
