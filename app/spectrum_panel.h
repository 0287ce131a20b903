// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The spectrum of the current object with its numbers above and the explanation below. Every page may have
// one; all show the same spectrum with the same options.

#include <QWidget>

#include <vector>

class QLabel;

namespace voorwerp::widgets {
class SpectrumPlot;
struct MarkedRegion;
} // namespace voorwerp::widgets

namespace voorwerp::app {

class AppContext;
struct ErrorText;

class SpectrumPanel : public QWidget
{
    Q_OBJECT

public:
    explicit SpectrumPanel(AppContext& context, QWidget* parent = nullptr);
    widgets::SpectrumPlot* plot() const { return m_plot; }
    /// What the page knows about the current object, at the end of the title: "#14 of 1,500".
    void setNote(const QString& note);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh();
    void showError(const ErrorText& error);
    QString titleHtml() const;
    QString regionsHtml(const std::vector<widgets::MarkedRegion>& regions) const;
    void showRegion(const QString& link);

    AppContext& m_context;
    QLabel* m_title;
    widgets::SpectrumPlot* m_plot;
    QLabel* m_why;
    QString m_note;
};

} // namespace voorwerp::app
