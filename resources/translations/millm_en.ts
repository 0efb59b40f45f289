<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%Ln tokens</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelGrid</name>
    <message numerus="yes">
        <source>Show %n more</source>
        <translation>
            <numerusform>Show %n more</numerusform>
            <numerusform>Show %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message numerus="yes">
        <source>Waiting for %n downloads before it…</source>
        <translation>
            <numerusform>Waiting for %n download before it…</numerusform>
            <numerusform>Waiting for %n downloads before it…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Waiting for %n pending requests to complete...</source>
        <translation>
            <numerusform>Waiting for %n pending request to complete...</numerusform>
            <numerusform>Waiting for %n pending requests to complete...</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unloading previous model… Waiting for %n pending requests to complete...</source>
        <translation>
            <numerusform>Unloading previous model… Waiting for %n pending request to complete...</numerusform>
            <numerusform>Unloading previous model… Waiting for %n pending requests to complete...</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>context of %Ln tokens</source>
        <translation>
            <numerusform>context of %Ln token</numerusform>
            <numerusform>context of %Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ServerRequestsCard</name>
    <message numerus="yes">
        <source>The last %n:</source>
        <translation>
            <numerusform>The last one:</numerusform>
            <numerusform>The last %n:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::Closing</name>
    <message numerus="yes">
        <source>%n download(s)</source>
        <translation>
            <numerusform>%n download</numerusform>
            <numerusform>%n downloads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n answer(s)</source>
        <translation>
            <numerusform>%n answer</numerusform>
            <numerusform>%n answers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::Gathering</name>
    <message numerus="yes">
        <source>%n model(s), %1, are in another folder.</source>
        <translation>
            <numerusform>%n model, %1, is in another folder.</numerusform>
            <numerusform>%n models, %1, are in another folder.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::HubSearch</name>
    <message numerus="yes">
        <source>%Ln downloads</source>
        <translation>
            <numerusform>%Ln download</numerusform>
            <numerusform>%Ln downloads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln likes</source>
        <translation>
            <numerusform>%Ln like</numerusform>
            <numerusform>%Ln likes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n models found</source>
        <translation>
            <numerusform>%n model found</numerusform>
            <numerusform>%n models found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::LoadForm</name>
    <message numerus="yes">
        <source>%Ln tokens, %1 of memory</source>
        <translation>
            <numerusform>%Ln token, %1 of memory</numerusform>
            <numerusform>%Ln tokens, %1 of memory</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::ServerControls</name>
    <message numerus="yes">
        <source>%n more key(s) with names of their own are accepted.</source>
        <translation>
            <numerusform>%n more key with a name of its own is accepted.</numerusform>
            <numerusform>%n more keys with names of their own are accepted.</numerusform>
        </translation>
    </message>
</context>
</TS>
