// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Asks which DESI database (specprod-db server) to browse, which production of it, and where the FITS files
// of that production are. Remembers the answers, never a password: that is libpq's matter (~/.pgpass). GUI
// thread only; the server is asked in the background.

#include "app/error_text.h"

#include <QDialog>
#include <QStringList>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace voorwerp::app {

class AppContext;

class DesiDatabaseDialog : public QDialog
{
    Q_OBJECT

public:
    explicit DesiDatabaseDialog(AppContext& context, QWidget* parent = nullptr);

    void accept() override;

signals:
    /// Arguments of a window on that production.
    void chosen(const QStringList& arguments);

private:
    QWidget* makeForm();
    void remember();
    std::string uri() const;
    void browse();
    void findProductions();
    void onFound(quint64 number, const QStringList& productions, const ErrorText& error);
    void say(const QString& text, bool isError);
    void updateButtons();

    AppContext& m_context;
    QLineEdit* m_server;
    QComboBox* m_production;
    QLineEdit* m_tree;
    QLabel* m_note;
    QPushButton* m_find;
    QPushButton* m_open = nullptr;
    quint64 m_number = 0; ///< of the newest question
    bool m_busy = false;
};

} // namespace voorwerp::app
