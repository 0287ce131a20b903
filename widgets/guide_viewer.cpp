// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/guide_viewer.h"

#include "widgets/theme.h"

#include <QDir>
#include <QFile>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QShortcut>
#include <QSplitter>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextTable>
#include <QToolButton>
#include <QVBoxLayout>

#include <QDesktopServices>

#include <algorithm>

namespace voorwerp::widgets {

namespace {

constexpr int kFileRole = Qt::UserRole;

QString readPage(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString firstHeading(const QString& markdown, const QString& fallback)
{
    for (const QString& line : markdown.split(QLatin1Char('\n'))) {
        if (line.startsWith(QLatin1Char('#')))
            return line.mid(line.indexOf(QLatin1Char(' ')) + 1).trimmed();
    }
    return fallback;
}

/// index.md, then the others as it names them at its end ("Read on"), then what it does not name.
QStringList inReadingOrder(const QString& folder)
{
    QStringList files = QDir(folder).entryList({QStringLiteral("*.md")}, QDir::Files, QDir::Name);
    const QString index = QStringLiteral("index.md");
    const QString text = readPage(folder + QLatin1Char('/') + index);
    const auto place = [&](const QString& file) {
        const qsizetype named = text.lastIndexOf(QStringLiteral("](%1)").arg(file));
        return file == index ? -1 : named < 0 ? text.size() : named;
    };
    std::stable_sort(files.begin(), files.end(),
                     [&](const QString& a, const QString& b) { return place(a) < place(b); });
    return files;
}

/// "Latent map & lasso" → "latent-map--lasso", as in Markdown anchors.
QString anchorOf(const QString& heading)
{
    QString anchor;
    for (const QChar letter : heading.toLower()) {
        if (letter.isLetterOrNumber() || letter == QLatin1Char('-'))
            anchor += letter;
        else if (letter.isSpace())
            anchor += QLatin1Char('-');
    }
    return anchor;
}

} // namespace

GuideViewer::GuideViewer(const QString& folder, QWidget* parent)
    : QWidget(parent)
    , m_folder(folder)
    , m_pages(new QListWidget(this))
    , m_browser(new QTextBrowser(this))
    , m_find(new QLineEdit(this))
{
    auto* splitter = new QSplitter(this);
    auto* side = new QWidget(splitter);
    auto* sideLayout = new QVBoxLayout(side);
    sideLayout->setContentsMargins(0, 0, 0, 0);
    sideLayout->addWidget(m_find);
    sideLayout->addWidget(m_pages);
    splitter->addWidget(side);
    splitter->addWidget(m_browser);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({220, 700});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);

    m_find->setPlaceholderText(tr("Find in this page (Ctrl+F)"));
    m_find->setClearButtonEnabled(true);
    m_browser->setOpenLinks(false);
    m_browser->setFrameShape(QFrame::NoFrame);
    m_browser->document()->setDocumentMargin(18.0);
    m_pages->setFrameShape(QFrame::NoFrame);

    for (const QString& file : inReadingOrder(folder)) {
        auto* item =
            new QListWidgetItem(firstHeading(readPage(folder + QLatin1Char('/') + file), file), m_pages);
        item->setData(kFileRole, file);
    }
    connect(m_pages, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
        if (item != nullptr)
            loadPage(item->data(kFileRole).toString());
    });
    connect(m_browser, &QTextBrowser::anchorClicked, this, &GuideViewer::openLink);
    connect(m_find, &QLineEdit::returnPressed, this, &GuideViewer::findNext);
    auto* shortcut = new QShortcut(QKeySequence::Find, this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, m_find, qOverload<>(&QWidget::setFocus));
    auto* escape = new QShortcut(Qt::Key_Escape, this);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &QWidget::close);
    m_pages->setCurrentRow(0);
}

int GuideViewer::pageCount() const
{
    return m_pages->count();
}

QString GuideViewer::currentPage() const
{
    const QListWidgetItem* item = m_pages->currentItem();
    return item == nullptr ? QString() : item->data(kFileRole).toString();
}

void GuideViewer::loadPage(const QString& file)
{
    m_browser->document()->setBaseUrl(QUrl(QStringLiteral("qrc") + m_folder + QLatin1Char('/')));
    m_browser->setMarkdown(readPage(m_folder + QLatin1Char('/') + file));
    for (QTextFrame* frame : m_browser->document()->rootFrame()->childFrames()) {
        if (auto* table = qobject_cast<QTextTable*>(frame)) {
            QTextTableFormat format = table->format();
            format.setCellPadding(5.0);
            format.setBorderCollapse(true);
            format.setBorderBrush(Theme::of(this).rule);
            table->setFormat(format);
        }
    }
    m_browser->moveCursor(QTextCursor::Start);
}

void GuideViewer::showPage(const QString& page)
{
    const QString file = page.section(QLatin1Char('#'), 0, 0);
    const QString anchor = page.section(QLatin1Char('#'), 1);
    int row = 0;
    for (int i = 0; i < m_pages->count(); ++i) {
        if (m_pages->item(i)->data(kFileRole).toString() == file)
            row = i;
    }
    if (!file.isEmpty())
        m_pages->setCurrentRow(row);
    if (!anchor.isEmpty())
        scrollTo(anchor);
}

/// QTextBrowser gives Markdown headings no anchors: the heading is looked up by its text.
void GuideViewer::scrollTo(const QString& anchor)
{
    for (QTextBlock block = m_browser->document()->begin(); block.isValid(); block = block.next()) {
        if (block.blockFormat().headingLevel() == 0 || anchorOf(block.text()) != anchor)
            continue;
        m_browser->moveCursor(QTextCursor::End); // so that the heading ends up at the top
        m_browser->setTextCursor(QTextCursor(block));
        return;
    }
}

void GuideViewer::openLink(const QUrl& link)
{
    if (link.scheme().startsWith(QStringLiteral("http")))
        QDesktopServices::openUrl(link);
    else
        showPage(link.fileName() + (link.hasFragment() ? QLatin1Char('#') + link.fragment() : QString()));
}

void GuideViewer::findNext()
{
    if (m_browser->find(m_find->text()))
        return;
    m_browser->moveCursor(QTextCursor::Start);
    m_browser->find(m_find->text());
}

} // namespace voorwerp::widgets
