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
</TS>
