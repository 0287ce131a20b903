// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desi_database_dialog.h"

#include "app/app_context.h"
#include "catalog/specprod_browse.h"
#include "widgets/message.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <QtConcurrentRun>

#include <algorithm>

namespace voorwerp::app {

namespace {

constexpr int kWidth = 620;
const QString kServerKey = QStringLiteral("desi/server");
const QString kProductionKey = QStringLiteral("desi/production");
const QString kTreeKey = QStringLiteral("desi/tree");

} // namespace

DesiDatabaseDialog::DesiDatabaseDialog(AppContext& context, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_server(new QLineEdit(context.settings().value(kServerKey).toString()))
    , m_production(new QComboBox)
    , m_tree(new QLineEdit(context.settings().value(kTreeKey).toString()))
    , m_note(new QLabel)
    , m_find(new QPushButton(tr("Find productions")))
{
    setObjectName(QStringLiteral("desiDatabaseDialog"));
    setWindowTitle(tr("Open a DESI database"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_note->setObjectName(QStringLiteral("desiNote"));
    m_note->setWordWrap(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_open = buttons->addButton(tr("Open"), QDialogButtonBox::AcceptRole);
    auto* column = new QVBoxLayout(this);
    column->addWidget(makeForm());
    column->addWidget(m_note);
    column->addStretch();
    column->addWidget(buttons);
    resize(kWidth, sizeHint().height());
    connect(buttons, &QDialogButtonBox::accepted, this, &DesiDatabaseDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_find, &QPushButton::clicked, this, &DesiDatabaseDialog::findProductions);
    connect(m_server, &QLineEdit::textEdited, this, [this] {
        ++m_number; // an answer that comes is about another server
        m_busy = false;
        m_production->clear();
        updateButtons();
    });
    say(tr("The server is only read. The password comes from ~/.pgpass; it is neither asked for nor kept."),
        false);
    if (!m_server->text().isEmpty())
        findProductions();
    updateButtons();
}

QWidget* DesiDatabaseDialog::makeForm()
{
    m_server->setObjectName(QStringLiteral("desiServer"));
    m_server->setPlaceholderText(QStringLiteral("postgresql://desi_public@specprod-db.desi.lbl.gov/desi"));
    m_server->setToolTip(tr("A host, a postgresql:// address, or key=value pairs as libpq takes them; empty: "
                            "what PGSERVICE or PGHOST say"));
    m_production->setObjectName(QStringLiteral("desiProduction"));
    m_tree->setObjectName(QStringLiteral("desiTree"));
    m_tree->setPlaceholderText(tr("The folder that holds healpix/ (for the spectra)"));
    m_find->setObjectName(QStringLiteral("desiFind"));
    m_find->setAutoDefault(false);
    auto* browseButton = new QToolButton;
    browseButton->setText(tr("Browse…"));
    connect(browseButton, &QToolButton::clicked, this, &DesiDatabaseDialog::browse);
    auto* form = new QWidget;
    auto* layout = new QFormLayout(form);
    layout->setContentsMargins({});
    const auto addRow = [layout](const QString& title, QWidget* wide, QWidget* button) {
        auto* label = new QLabel(title);
        label->setBuddy(wide); // of a row of two the form knows none
        auto* row = new QHBoxLayout;
        row->addWidget(wide, 1);
        row->addWidget(button);
        layout->addRow(label, row);
    };
    addRow(tr("&Server"), m_server, m_find);
    layout->addRow(tr("&Production"), m_production);
    addRow(tr("&FITS files"), m_tree, browseButton);
    return form;
}

/// Without a password, whatever was typed.
std::string DesiDatabaseDialog::uri() const
{
    const std::string text = m_server->text().trimmed().toStdString();
    const bool isHost = !text.empty() && text.find_first_of("=:/ ") == std::string::npos;
    return catalog::withoutPassword(isHost ? "host=" + text : text);
}

void DesiDatabaseDialog::say(const QString& text, bool isError)
{
    widgets::say(m_note, text, isError);
    resize(width(),
           std::max(height(), layout()->totalHeightForWidth(width()))); // a long message is read in full
}

void DesiDatabaseDialog::updateButtons()
{
    m_find->setEnabled(!m_busy);
    m_production->setEnabled(m_production->count() > 0);
    m_open->setEnabled(m_production->count() > 0);
    (m_open->isEnabled() ? m_open : m_find)->setDefault(true);
}

void DesiDatabaseDialog::browse()
{
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Folder of the production's FITS files"));
    if (!folder.isEmpty())
        m_tree->setText(folder);
}

void DesiDatabaseDialog::findProductions()
{
    std::string address;
    try {
        address = uri();
    } catch (...) {
        say(errorTextOf(std::current_exception()).toString(), true);
        return;
    }
    m_busy = true;
    m_production->clear();
    say(tr("Asking the server…"), false);
    updateButtons();
    AppContext* const context = &m_context; // outlives the query threads
    (void)QtConcurrent::run(&context->queryPool(), [context, address, number = ++m_number,
                                                    self = QPointer<DesiDatabaseDialog>(this)] {
        QStringList productions;
        ErrorText error;
        try {
            for (const std::string& name : catalog::listProductions(catalog::Database(address)))
                productions.append(QString::fromStdString(name));
        } catch (...) {
            error = errorTextOf(std::current_exception());
        }
        QMetaObject::invokeMethod(
            context,
            [self, number, productions, error] {
                if (self)
                    self->onFound(number, productions, error);
            },
            Qt::QueuedConnection);
    });
}

void DesiDatabaseDialog::onFound(quint64 number, const QStringList& productions, const ErrorText& error)
{
    if (number != m_number)
        return;
    m_busy = false;
    m_production->addItems(productions);
    const int last = m_production->findText(m_context.settings().value(kProductionKey).toString());
    m_production->setCurrentIndex(std::max(last, 0));
    if (!error.isEmpty())
        say(error.toString(), true);
    else if (productions.isEmpty())
        say(tr("This role may read no schema with a table zpix on that server."), true);
    else
        say(tr("%Ln production(s). The server is only read.", nullptr, static_cast<int>(productions.size())),
            false);
    updateButtons();
}

void DesiDatabaseDialog::remember()
{
    QSettings& settings = m_context.settings();
    settings.setValue(kServerKey, QString::fromStdString(uri()));
    settings.setValue(kProductionKey, m_production->currentText());
    settings.setValue(kTreeKey, m_tree->text().trimmed());
}

void DesiDatabaseDialog::accept()
{
    const QString tree = m_tree->text().trimmed();
    if (m_production->currentText().isEmpty())
        return;
    if (!tree.isEmpty() && !QFileInfo(tree).isDir()) {
        say(tr("There is no folder %1.").arg(tree), true);
        return;
    }
    remember();
    QStringList arguments{
        QStringLiteral("--workspace"), QString::fromStdString(m_context.request().workspace.string()),
        QStringLiteral("--db"),        QString::fromStdString(uri()),
        QStringLiteral("--specprod"),  m_production->currentText()};
    if (!tree.isEmpty())
        arguments << QStringLiteral("--tree") << tree;
    emit chosen(arguments);
    QDialog::accept();
}

} // namespace voorwerp::app
