<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>voorwerp::app::ClosingGuard</name>
    <message numerus="yes">
        <location filename="../app/closing_guard.cpp" line="39"/>
        <source>%n job(s) are running. They can go on at the next start from where they stop now.</source>
        <translation>
            <numerusform>One job is running. It can go on at the next start from where it stops now.</numerusform>
            <numerusform>%n jobs are running. They can go on at the next start from where they stop now.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>voorwerp::app::DesiDatabaseDialog</name>
    <message numerus="yes">
        <location filename="../app/desi_database_dialog.cpp"/>
        <source>%Ln production(s). The server is only read.</source>
        <translation>
            <numerusform>%Ln production. The server is only read.</numerusform>
            <numerusform>%Ln productions. The server is only read.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>voorwerp::app::ExportDialog</name>
    <message numerus="yes">
        <location filename="../app/pages/export_dialog.cpp"/>
        <source>what the list shows (%Ln row(s))</source>
        <translation>
            <numerusform>what the list shows (%Ln row)</numerusform>
            <numerusform>what the list shows (%Ln rows)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/pages/export_dialog.cpp"/>
        <source>the %Ln picked (%1)</source>
        <translation>
            <numerusform>the %Ln picked (%1)</numerusform>
            <numerusform>the %Ln picked (%1)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>voorwerp::app::QualityReportView</name>
    <message numerus="yes">
        <location filename="../app/pages/quality_report_view.cpp"/>
        <source>%Ln file(s)</source>
        <translation>
            <numerusform>%Ln file</numerusform>
            <numerusform>%Ln files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/pages/quality_report_view.cpp"/>
        <source>%Ln row(s)</source>
        <translation>
            <numerusform>%Ln row</numerusform>
            <numerusform>%Ln rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>voorwerp::app::RestoreDialog</name>
    <message numerus="yes">
        <location filename="../app/pages/restore_dialog.cpp"/>
        <source>&lt;p&gt;The backup %1, made %2, is written into a &lt;b&gt;new folder&lt;/b&gt;: %3, %Ln table row(s). That folder then is a workspace of its own, with the labels, models and spectra of that time.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Nothing is replaced.&lt;/b&gt; The workspace that is open, %4, stays as it is, with everything that was added since the backup. When the restore fails or is stopped, too.&lt;/p&gt;&lt;p&gt;Afterwards: &lt;i&gt;File → Open another workspace…&lt;/i&gt;&lt;/p&gt;</source>
        <translation>
            <numerusform>&lt;p&gt;The backup %1, made %2, is written into a &lt;b&gt;new folder&lt;/b&gt;: %3, %Ln table row. That folder then is a workspace of its own, with the labels, models and spectra of that time.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Nothing is replaced.&lt;/b&gt; The workspace that is open, %4, stays as it is, with everything that was added since the backup. When the restore fails or is stopped, too.&lt;/p&gt;&lt;p&gt;Afterwards: &lt;i&gt;File → Open another workspace…&lt;/i&gt;&lt;/p&gt;</numerusform>
            <numerusform>&lt;p&gt;The backup %1, made %2, is written into a &lt;b&gt;new folder&lt;/b&gt;: %3, %Ln table rows. That folder then is a workspace of its own, with the labels, models and spectra of that time.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Nothing is replaced.&lt;/b&gt; The workspace that is open, %4, stays as it is, with everything that was added since the backup. When the restore fails or is stopped, too.&lt;/p&gt;&lt;p&gt;Afterwards: &lt;i&gt;File → Open another workspace…&lt;/i&gt;&lt;/p&gt;</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>voorwerp::app::SelectionChips</name>
    <message numerus="yes">
        <location filename="../app/pages/selection_chips.cpp"/>
        <source>%Ln picked: %1</source>
        <translation>
            <numerusform>%Ln picked: %1</numerusform>
            <numerusform>%Ln picked: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>voorwerp::app::SurveyPage</name>
    <message numerus="yes">
        <location filename="../app/pages/survey_page.cpp"/>
        <source>Saved selection %1 with %Ln spectrum(s). Train on it on the page Train.</source>
        <translation>
            <numerusform>Saved selection %1 with %Ln spectrum. Train on it on the page Train.</numerusform>
            <numerusform>Saved selection %1 with %Ln spectra. Train on it on the page Train.</numerusform>
        </translation>
    </message>
</context>
</TS>
