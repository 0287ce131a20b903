// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_memory.h"

#include "app/app_context.h"
#include "app/page.h"

#include <QApplication>
#include <QDataStream>
#include <QEvent>
#include <QIODevice>
#include <QScreen>

#include <algorithm>
#include <chrono>
#include <utility>

namespace voorwerp::app {

namespace {

constexpr std::chrono::milliseconds kThrottle{1500};
constexpr QSize kDefaultSize{1280, 800};
constexpr int kFastCompression = 1;
const QString kGeometry = QStringLiteral("window/geometry");
const QString kPage = QStringLiteral("window/page");
const QString kPicked = QStringLiteral("selection/picked");
const QString kPickedWords = QStringLiteral("selection/pickedWords");

/// The window manager's frame, guessed where the window is not shown yet.
constexpr QMargins kFrame{2, 32, 2, 2};

} // namespace

QRect fittedInto(const QRect& window, const QRect& screen)
{
    QRect fitted(window.topLeft(), window.size().boundedTo(screen.size()));
    fitted.moveRight(std::min(fitted.right(), screen.right()));
    fitted.moveBottom(std::min(fitted.bottom(), screen.bottom()));
    fitted.moveLeft(std::max(fitted.left(), screen.left()));
    fitted.moveTop(std::max(fitted.top(), screen.top()));
    return fitted;
}

namespace {

/// Ids of a browsed production use all 64 bits: their differences wrap around.
qint64 difference(qint64 a, qint64 b)
{
    return static_cast<qint64>(static_cast<quint64>(a) - static_cast<quint64>(b));
}

qint64 sum(qint64 a, qint64 b)
{
    return static_cast<qint64>(static_cast<quint64>(a) + static_cast<quint64>(b));
}

} // namespace

QByteArray packedIds(const std::vector<core::SpectrumId>& ids)
{
    QByteArray differences;
    QDataStream stream(&differences, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    qint64 previous = 0;
    for (const core::SpectrumId id : ids)
        stream << difference(id.value, std::exchange(previous, id.value));
    return qCompress(differences, kFastCompression);
}

std::vector<core::SpectrumId> unpackedIds(const QByteArray& bytes)
{
    std::vector<core::SpectrumId> ids;
    if (bytes.isEmpty())
        return ids;
    QDataStream stream(qUncompress(bytes));
    stream.setVersion(QDataStream::Qt_6_4);
    qint64 id = 0;
    qint64 step = 0;
    while ((stream >> step).status() == QDataStream::Ok) {
        id = sum(id, step);
        ids.push_back({id});
    }
    return ids;
}

WindowMemory::WindowMemory(AppContext& context, QWidget* window, QList<Page*> pages,
                           std::function<QString()> pageInFront)
    : QObject(window)
    , m_context(context)
    , m_window(window)
    , m_pages(std::move(pages))
    , m_pageInFront(std::move(pageInFront))
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(kThrottle);
    connect(&m_soon, &QTimer::timeout, this, &WindowMemory::save);
}

QString WindowMemory::restore()
{
    QSettings& settings = m_context.settings();
    if (!m_window->restoreGeometry(settings.value(kGeometry).toByteArray()))
        m_window->resize(kDefaultSize);
    fitIntoScreen();
    for (Page* page : std::as_const(m_pages)) {
        settings.beginGroup(page->name());
        page->restoreState(settings);
        settings.endGroup();
    }
    restorePicked();
    Selection& selection = m_context.selection();
    connect(&selection, &Selection::filterChanged, this, &WindowMemory::saveSoon);
    connect(&selection, &Selection::pickedChanged, this, &WindowMemory::saveSoon);
    connect(&selection, &Selection::currentChanged, this, &WindowMemory::saveSoon);
    qApp->installEventFilter(this);
    return settings.value(kPage).toString();
}

void WindowMemory::fitIntoScreen()
{
    if (m_window->isMaximized() || m_window->isFullScreen())
        return;
    const QScreen* screen = QGuiApplication::screenAt(m_window->geometry().center());
    if (!screen)
        screen = QGuiApplication::primaryScreen();
    const QRect room = screen->availableGeometry().marginsRemoved(kFrame);
    m_window->setGeometry(fittedInto(m_window->geometry(), room));
}

void WindowMemory::save()
{
    m_soon.stop();
    QSettings& settings = m_context.settings();
    settings.setValue(kGeometry, m_window->saveGeometry());
    settings.setValue(kPage, m_pageInFront());
    for (const Page* page : std::as_const(m_pages)) {
        settings.beginGroup(page->name());
        page->saveState(settings);
        settings.endGroup();
    }
    savePicked();
    settings.sync();
}

void WindowMemory::saveSoon()
{
    if (!m_soon.isActive())
        m_soon.start();
}

bool WindowMemory::eventFilter(QObject* watched, QEvent* event)
{
    switch (event->type()) {
    case QEvent::KeyRelease:
    case QEvent::MouseButtonRelease:
    case QEvent::Wheel:
    case QEvent::Drop:
        saveSoon();
        break;
    case QEvent::Resize:
    case QEvent::Move:
        if (watched == m_window)
            saveSoon();
        break;
    default:
        break;
    }
    return false;
}

void WindowMemory::savePicked()
{
    const SpectrumIds& picked = m_context.selection().picked();
    if (picked == m_savedPicked)
        return;
    m_savedPicked = picked;
    QSettings& settings = m_context.settings();
    if (!picked) {
        settings.remove(kPicked);
        settings.remove(kPickedWords);
        return;
    }
    settings.setValue(kPicked, packedIds(*picked));
    settings.setValue(kPickedWords, m_context.selection().pickedWords());
}

void WindowMemory::restorePicked()
{
    const QSettings& settings = m_context.settings();
    m_context.selection().setPicked(unpackedIds(settings.value(kPicked).toByteArray()),
                                    settings.value(kPickedWords).toString());
    m_savedPicked = m_context.selection().picked();
}

} // namespace voorwerp::app
