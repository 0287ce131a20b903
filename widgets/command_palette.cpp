// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/command_palette.h"

#include "widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QVBoxLayout>

#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace voorwerp::widgets {

namespace {

constexpr int kActionIndexRole = Qt::UserRole;
constexpr int kMostShown = 14;

/// "Import files…" without mnemonics and dots.
QString plainName(const QAction* action)
{
    QString name = action->text();
    name.remove(QLatin1Char('&'));
    return name;
}

void collect(const QList<QAction*>& actions, QList<QAction*>& result)
{
    for (QAction* action : actions) {
        if (action->menu() != nullptr)
            collect(action->menu()->actions(), result);
        else if (!action->isSeparator() && !result.contains(action))
            result << action;
    }
}

constexpr int kKeysRole = Qt::UserRole + 1;

/// The name at the left, the keys at the right.
class ActionDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const bool chosen = option.state.testFlag(QStyle::State_Selected);
        painter->setPen(chosen ? option.palette.color(QPalette::HighlightedText)
                               : Theme::of(option.palette).faint);
        painter->drawText(option.rect.adjusted(0, 0, -8, 0), Qt::AlignRight | Qt::AlignVCenter,
                          index.data(kKeysRole).toString());
    }
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const QSize size = QStyledItemDelegate::sizeHint(option, index);
        return {size.width(), size.height() + 6};
    }
};

} // namespace

int fuzzyScore(const QString& query, const QString& text)
{
    constexpr int kNone = -1;
    constexpr int kRun = 5;       // follows the letter before
    constexpr int kWordStart = 4; // what people mean
    const auto size = static_cast<std::size_t>(text.size());
    std::vector<int> best(size + 1, 0); // best[i]: of all letters so far, with the last one before text[i]
    std::vector<int> ended(size + 1, kNone); // the same, with the last one at text[i - 1]
    for (const QChar letter : query) {
        if (letter.isSpace())
            continue;
        std::vector<int> nextBest(size + 1, kNone), nextEnded(size + 1, kNone);
        for (std::size_t i = 1; i <= size; ++i) {
            const auto at = static_cast<qsizetype>(i) - 1;
            if (text[at].toCaseFolded() == letter.toCaseFolded() && best[i - 1] != kNone) {
                const int points = at == 0 || !text[at - 1].isLetterOrNumber() ? kWordStart : 0;
                nextEnded[i] =
                    std::max(best[i - 1] + 1, ended[i - 1] == kNone ? 0 : ended[i - 1] + kRun) + points;
            }
            nextBest[i] = std::max(nextBest[i - 1], nextEnded[i]);
        }
        best = std::move(nextBest);
        ended = std::move(nextEnded);
    }
    return best[size] == kNone ? kNone : 10 * best[size] - static_cast<int>(size) / 4 + 100;
}

CommandPalette::CommandPalette(QWidget* window)
    : QFrame(window)
    , m_edit(new QLineEdit(this))
    , m_list(new QListWidget(this))
{
    setFrameShape(QFrame::Box);
    setAutoFillBackground(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(4);
    layout->addWidget(m_edit);
    layout->addWidget(m_list);
    m_edit->setPlaceholderText(tr("Find an action"));
    m_edit->setAccessibleName(tr("Find an action"));
    m_edit->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setItemDelegate(new ActionDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_edit, &QLineEdit::textChanged, this, &CommandPalette::refresh);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    window->installEventFilter(this);
    hide();
}

QList<QAction*> CommandPalette::actionsOf(const QWidget* menuBar)
{
    QList<QAction*> result;
    collect(menuBar->actions(), result);
    return result;
}

void CommandPalette::open(const QList<QAction*>& actions)
{
    QList<QAction*> flat;
    collect(actions, flat);
    m_actions.assign(flat.begin(), flat.end());
    m_previousFocus = QApplication::focusWidget();
    m_edit->clear();
    refresh();
    place();
    show();
    raise();
    m_edit->setFocus();
}

void CommandPalette::place()
{
    const int width = std::min(560, parentWidget()->width() - 40);
    const int rowHeight = std::max(1, m_list->sizeHintForRow(0));
    const int rows = std::clamp(m_list->count(), 3, kMostShown);
    const int height = m_edit->sizeHint().height() + rows * rowHeight + 22;
    setGeometry((parentWidget()->width() - width) / 2, 48, width,
                std::min(height, parentWidget()->height() - 60));
}

void CommandPalette::refresh()
{
    struct Match
    {
        int score;
        std::size_t index;
    };
    std::vector<Match> matches;
    for (std::size_t i = 0; i < m_actions.size(); ++i) {
        if (!m_actions[i] || !m_actions[i]->isVisible())
            continue;
        const int score = fuzzyScore(m_edit->text(), plainName(m_actions[i]));
        if (score >= 0)
            matches.push_back({m_edit->text().isEmpty() ? 0 : score, i});
    }
    std::stable_sort(matches.begin(), matches.end(), [](auto& a, auto& b) { return a.score > b.score; });
    m_list->clear();
    for (const Match& match : matches) {
        const QAction* action = m_actions[match.index];
        auto* item = new QListWidgetItem(action->icon(), plainName(action));
        item->setData(kKeysRole, action->shortcut().toString(QKeySequence::NativeText));
        item->setToolTip(action->toolTip());
        item->setData(kActionIndexRole, static_cast<qulonglong>(match.index));
        if (!action->isEnabled())
            item->setFlags(Qt::NoItemFlags);
        m_list->addItem(item);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent()
{
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr || !item->flags().testFlag(Qt::ItemIsEnabled))
        return;
    const QPointer<QAction> action = m_actions[item->data(kActionIndexRole).toULongLong()];
    close();
    if (action)
        action->trigger();
}

void CommandPalette::closeEvent(QCloseEvent* event)
{
    if (m_previousFocus)
        m_previousFocus->setFocus();
    QFrame::closeEvent(event);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
        place();
    if (watched != m_edit)
        return false;
    if (event->type() == QEvent::FocusOut) {
        m_previousFocus = nullptr;
        close();
        return false;
    }
    if (event->type() != QEvent::KeyPress)
        return false;
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Escape:
        close();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        runCurrent();
        return true;
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        QApplication::sendEvent(m_list, event);
        return true;
    default:
        return false;
    }
}

} // namespace voorwerp::widgets
