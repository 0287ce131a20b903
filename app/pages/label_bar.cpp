// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/label_bar.h"

#include "widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QKeySequence>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cstring>

namespace voorwerp::app {

namespace {
constexpr int kLongestComment = 100; // DESI visual inspection files
constexpr int kClassesPerRow = 8;

/// A line that keeps Enter, Delete and Escape to itself: on the page they mean something else.
class CommentLine : public QLineEdit
{
public:
    using QLineEdit::QLineEdit;

protected:
    bool event(QEvent* event) override
    {
        if (event->type() == QEvent::ShortcutOverride) {
            const int key = static_cast<QKeyEvent*>(event)->key();
            if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Delete ||
                key == Qt::Key_Escape) {
                event->accept();
                return true;
            }
        }
        return QLineEdit::event(event);
    }
    void keyPressEvent(QKeyEvent* event) override
    {
        QLineEdit::keyPressEvent(event);
        event->accept();
    }
};

} // namespace

const QList<LabelClass>& labelClasses()
{
    static const QList<LabelClass> classes = {
        {"BAL", Qt::Key_B},         {"LoBAL", Qt::Key_O},          {"FeLoBAL", Qt::Key_E},
        {"DLA", Qt::Key_D},         {"reddened", Qt::Key_R},       {"weak lines", Qt::Key_W},
        {"strong iron", Qt::Key_F}, {"double-peaked", Qt::Key_P},  {"type 2", Qt::Key_Y},
        {"blazar", Qt::Key_J},      {"two objects", Qt::Key_T},    {"star", Qt::Key_S},
        {"galaxy", Qt::Key_G},      {"wrong redshift", Qt::Key_Z}, {"artefact", Qt::Key_A},
        {"usual", Qt::Key_U}};
    return classes;
}

QString longestLabelClass()
{
    const auto& classes = labelClasses();
    const auto longest = std::max_element(classes.begin(), classes.end(), [](const auto& a, const auto& b) {
        return std::strlen(a.name) < std::strlen(b.name);
    });
    return QString::fromLatin1(longest->name);
}

QString qualityMeaning(int quality)
{
    const std::array<QString, 5> meanings = {
        LabelBar::tr("Nothing there, no signal"),
        LabelBar::tr("Unlikely: clear signal, features unidentified"),
        LabelBar::tr("Possible: one strong feature, unsure what it is"),
        LabelBar::tr("Probable: one secure feature and continuum, or many weak ones"),
        LabelBar::tr("Confident: two or more secure features")};
    return meanings[static_cast<std::size_t>(quality)];
}

LabelBar::LabelBar(const QList<QAction*>& classes, const QList<QAction*>& qualities, QWidget* parent)
    : QWidget(parent)
    , m_comment(new CommentLine)
    , m_who(new QLabel)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 2, 6, 4);
    column->setSpacing(2);
    auto* grid = new QGridLayout;
    grid->setSpacing(2);
    for (int i = 0; i < classes.size(); ++i) {
        QToolButton* button = addButton(nullptr, classes[i]);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        grid->addWidget(button, i / kClassesPerRow, i % kClassesPerRow);
        m_classes << button;
    }
    column->addLayout(grid);
    auto* row = new QHBoxLayout;
    row->setSpacing(2);
    row->addWidget(new QLabel(tr("Quality")));
    for (QAction* action : qualities)
        m_qualities << addButton(row, action);
    row->addSpacing(8);
    row->addWidget(m_comment, 1);
    row->addWidget(m_who);
    column->addLayout(row);
    m_comment->setMaxLength(kLongestComment);
    m_comment->setPlaceholderText(tr("Comment (C)"));
    m_comment->setAccessibleName(tr("Comment"));
    m_comment->setObjectName(QStringLiteral("labelComment"));
    connect(m_comment, &QLineEdit::returnPressed, this, [this] {
        emit commentWanted(m_comment->text());
        emit editingFinished();
    });
}

QToolButton* LabelBar::addButton(QLayout* layout, QAction* action)
{
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setFocusPolicy(Qt::NoFocus);
    button->setFont(widgets::smallFont(font()));
    button->setAutoRaise(true);
    if (layout != nullptr)
        layout->addWidget(button);
    return button;
}

void LabelBar::show(const std::optional<catalog::Label>& label, bool enabled)
{
    setEnabled(enabled);
    for (int i = 0; i < m_classes.size(); ++i)
        m_classes[i]->defaultAction()->setChecked(label && label->labelClass == labelClasses()[i].name);
    for (int i = 0; i < m_qualities.size(); ++i)
        m_qualities[i]->defaultAction()->setChecked(label && label->quality == i);
    const QString comment = label ? QString::fromStdString(label->comment) : QString();
    if (!m_comment->hasFocus() || comment != m_comment->text())
        m_comment->setText(comment);
    m_who->setText(label ? tr("by %1").arg(QString::fromStdString(label->author)) : QString());
}

void LabelBar::editComment()
{
    m_comment->setFocus();
    m_comment->selectAll();
}

} // namespace voorwerp::app
