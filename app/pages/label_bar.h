// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a person says about the current target: class buttons with their keys, quality, comment. Shows the
// label as it is and emits what is wanted; it writes nothing itself.

#include "catalog/label_store.h"

#include <QList>
#include <QWidget>

#include <optional>

class QAction;
class QLabel;
class QLineEdit;
class QToolButton;

namespace voorwerp::app {

/// A class with its key: Shift and a letter, because plain letters belong to the plot.
struct LabelClass
{
    const char* name; ///< as it is stored, English, the words of the suggested kinds
    Qt::Key key;
};
const QList<LabelClass>& labelClasses();
/// In letters; tables leave room for it.
QString longestLabelClass();
/// What the qualities mean (DESI visual inspection), index 0 to 4.
QString qualityMeaning(int quality);

class LabelBar : public QWidget
{
    Q_OBJECT

public:
    /// The actions stand on the buttons: one a class in the order of labelClasses(), one a quality 0 to 4.
    LabelBar(const QList<QAction*>& classes, const QList<QAction*>& qualities, QWidget* parent = nullptr);

    /// Enabled is false while there is no current target.
    void show(const std::optional<catalog::Label>& label, bool enabled);
    void editComment();

signals:
    void commentWanted(const QString& comment);
    void editingFinished();

private:
    QToolButton* addButton(QLayout* layout, QAction* action);

    QList<QToolButton*> m_classes;
    QList<QToolButton*> m_qualities;
    QLineEdit* m_comment;
    QLabel* m_who;
};

} // namespace voorwerp::app
