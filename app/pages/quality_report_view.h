// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The data quality report: what the data look like, what was refused, and which fibres, petals, tiles and
// nights depart. A click on one of them shows its spectra. Made off the GUI thread; closing the dialog stops
// it.

#include "app/jobs/async_query.h"
#include "catalog/quality_report.h"

#include <QDialog>

#include <memory>

class QLabel;
class QPushButton;
class QStandardItemModel;
class QTableView;
class QTabWidget;

namespace voorwerp::widgets {
class RangePlot;
}

namespace voorwerp::app {

class QualityReportView : public QDialog
{
    Q_OBJECT

public:
    /// where: of which spectra, an expression; empty: of all.
    QualityReportView(AppContext& context, const QString& where, QWidget* parent);
    bool isSettled() const { return m_report != nullptr && !m_query.isBusy(); }

private:
    QWidget* makePlots();
    QTableView* addTable(const char* name, const QString& title, const QStringList& headings);
    void makeTables();
    void makeButtons();
    void load();
    void showReport(const std::shared_ptr<const catalog::QualityReport>& report);
    void showFacts();
    void fillOutliers();
    void fillReasons();
    void fillRepeats();
    /// Sets the filter of the page Survey and brings it to the front.
    void chooseSpectra(const QString& where);
    void copy() const;
    void save();

    AppContext& m_context;
    QString m_where;
    AsyncQuery m_query;
    std::shared_ptr<const catalog::QualityReport> m_report;
    QLabel* m_facts;
    widgets::RangePlot* m_snr;
    widgets::RangePlot* m_z;
    widgets::RangePlot* m_masked;
    QTabWidget* m_tabs;
    QTableView* m_outliers = nullptr;
    QTableView* m_reasons = nullptr;
    QTableView* m_repeats = nullptr;
    QPushButton* m_copy = nullptr;
    QPushButton* m_save = nullptr;
    QLabel* m_note;
};

} // namespace voorwerp::app
