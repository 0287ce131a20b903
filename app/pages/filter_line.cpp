// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/filter_line.h"

#include "catalog/quasar_rule.h"
#include "catalog/where.h"
#include "widgets/message.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QStandardItemModel>
#include <QTimer>
#include <QVBoxLayout>

#include <chrono>

namespace voorwerp::app {

namespace {

constexpr std::chrono::milliseconds kPause{700};
constexpr int kNameRole = Qt::UserRole;

bool isWordLetter(QChar letter)
{
    return letter.isLetterOrNumber() || letter == QLatin1Char('_');
}

QStandardItemModel* columnModel(QObject* parent)
{
    auto* model = new QStandardItemModel(parent);
    for (const catalog::ColumnInfo& column : catalog::columns()) {
        const QString name = QString::fromStdString(column.name);
        auto* item = new QStandardItem(
            name + QStringLiteral("    ") + QString::fromStdString(column.description) +
            (column.unit.empty() ? QString()
                                 : QStringLiteral(" [%1]").arg(QString::fromStdString(column.unit))));
        item->setData(name, kNameRole);
        model->appendRow(item);
    }
    for (const catalog::QuasarRule& rule : catalog::quasarRules()) {
        const QString call = QStringLiteral("rule('%1')").arg(QString::fromStdString(rule.id));
        auto* item = new QStandardItem(call + QStringLiteral("    ") + QString::fromStdString(rule.title));
        item->setData(call, kNameRole);
        model->appendRow(item);
    }
    return model;
}

} // namespace

FilterLine::FilterLine(QWidget* parent)
    : QWidget(parent)
    , m_edit(new QLineEdit)
    , m_error(new QLabel)
    , m_completer(new QCompleter(this))
    , m_pause(new QTimer(this))
{
    m_edit->setObjectName(QStringLiteral("filterEdit"));
    m_edit->setAccessibleName(tr("Filter"));
    m_edit->setClearButtonEnabled(true);
    m_edit->setPlaceholderText(
        tr("Filter: z > 2.1 and snr > 3 and spectype = 'QSO'    cone(150.1, 2.2, 60)"));
    m_edit->installEventFilter(this);
    m_error->setObjectName(QStringLiteral("filterError"));
    m_error->setWordWrap(true);
    m_error->hide();
    m_completer->setModel(columnModel(m_completer));
    m_completer->setCompletionRole(kNameRole);
    m_completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_completer->setWidget(m_edit);
    m_pause->setSingleShot(true);
    m_pause->setInterval(kPause);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(2);
    column->addWidget(m_edit);
    column->addWidget(m_error);
    connect(m_edit, &QLineEdit::textEdited, this, &FilterLine::onEdited);
    connect(m_edit, &QLineEdit::textChanged, m_pause, qOverload<>(&QTimer::start));
    connect(m_edit, &QLineEdit::returnPressed, this, [this] {
        m_completer->popup()->hide();
        apply();
    });
    connect(m_pause, &QTimer::timeout, this, [this] {
        if (!m_completer->popup()->isVisible())
            apply();
    });
    connect(m_completer, qOverload<const QModelIndex&>(&QCompleter::activated), this,
            [this](const QModelIndex& index) { complete(index.data(kNameRole).toString()); });
}

QString FilterLine::expression() const
{
    return m_edit->text().trimmed();
}

void FilterLine::setExpression(const QString& expression)
{
    m_edit->setText(expression);
    m_pause->stop();
    m_applied = expression.trimmed();
    check();
}

void FilterLine::setModelAvailable(bool available)
{
    m_modelAvailable = available;
    check();
}

QString FilterLine::errorText() const
{
    return m_error->isHidden() ? QString() : m_error->text();
}

void FilterLine::takeFocus()
{
    m_edit->setFocus(Qt::ShortcutFocusReason);
    m_edit->selectAll();
}

void FilterLine::onEdited()
{
    if (m_error->isVisible())
        check();
    updateCompletions();
}

// Says what is wrong below the line; the wrong stretch of the expression is repeated in the warning colour.
bool FilterLine::check()
{
    const std::string text = m_edit->text().toStdString();
    try {
        catalog::checkWhere(text, m_modelAvailable);
        m_error->hide();
        return true;
    } catch (const catalog::WhereError& e) {
        const std::size_t from = std::min(e.position(), text.size());
        const QString before = QString::fromStdString(text.substr(0, from));
        const QString wrong = QString::fromStdString(text.substr(from, e.length()));
        const QString place = wrong.isEmpty() ? tr("at the end")
                                              : tr("at “%1”, character %2").arg(wrong).arg(before.size() + 1);
        showError(
            tr("%1 (%2). %3").arg(QString::fromUtf8(e.what()), place, QString::fromStdString(e.remedy())));
        return false;
    }
}

void FilterLine::showError(const QString& text)
{
    widgets::say(m_error, text, true);
}

void FilterLine::apply()
{
    m_pause->stop();
    if (!check() || expression() == m_applied)
        return;
    m_applied = expression();
    emit filterChanged(m_applied);
}

QString FilterLine::wordAtCursor() const
{
    const QString text = m_edit->text();
    int start = m_edit->cursorPosition();
    while (start > 0 && isWordLetter(text[start - 1]))
        --start;
    return text.mid(start, m_edit->cursorPosition() - start);
}

void FilterLine::updateCompletions()
{
    const QString word = wordAtCursor();
    if (word.isEmpty() || word[0].isDigit()) {
        m_completer->popup()->hide();
        return;
    }
    m_completer->setCompletionPrefix(word);
    const bool exact =
        m_completer->completionCount() == 1 && m_completer->currentIndex().data(kNameRole).toString() == word;
    if (m_completer->completionCount() == 0 || exact) {
        m_completer->popup()->hide();
        return;
    }
    m_completer->complete();
}

void FilterLine::complete(const QString& column)
{
    const QString word = wordAtCursor();
    const int start = m_edit->cursorPosition() - static_cast<int>(word.size());
    m_edit->setSelection(start, static_cast<int>(word.size()));
    m_edit->insert(column);
}

bool FilterLine::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_edit && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        setExpression(m_applied);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace voorwerp::app
