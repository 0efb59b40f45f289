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
        <source>Show %Ln more</source>
        <translation>
            <numerusform>Show %Ln more</numerusform>
            <numerusform>Show %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message numerus="yes">
        <source>Waiting for %Ln downloads before it…</source>
        <translation>
            <numerusform>Waiting for %Ln download before it…</numerusform>
            <numerusform>Waiting for %Ln downloads before it…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Waiting for %Ln pending requests to complete...</source>
        <translation>
            <numerusform>Waiting for %Ln pending request to complete...</numerusform>
            <numerusform>Waiting for %Ln pending requests to complete...</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unloading previous model… Waiting for %Ln pending requests to complete...</source>
        <translation>
            <numerusform>Unloading previous model… Waiting for %Ln pending request to complete...</numerusform>
            <numerusform>Unloading previous model… Waiting for %Ln pending requests to complete...</numerusform>
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
        <source>The last %Ln:</source>
        <translation>
            <numerusform>The last one:</numerusform>
            <numerusform>The last %Ln:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::Closing</name>
    <message numerus="yes">
        <source>%Ln download(s)</source>
        <translation>
            <numerusform>%Ln download</numerusform>
            <numerusform>%Ln downloads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln answer(s)</source>
        <translation>
            <numerusform>%Ln answer</numerusform>
            <numerusform>%Ln answers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::Gathering</name>
    <message numerus="yes">
        <source>%Ln model(s), %1, are in another folder.</source>
        <translation>
            <numerusform>%Ln model, %1, is in another folder.</numerusform>
            <numerusform>%Ln models, %1, are in another folder.</numerusform>
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
        <source>%Ln models found</source>
        <translation>
            <numerusform>%Ln model found</numerusform>
            <numerusform>%Ln models found</numerusform>
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
        <source>%Ln more key(s) with names of their own are accepted.</source>
        <translation>
            <numerusform>%Ln more key with a name of its own is accepted.</numerusform>
            <numerusform>%Ln more keys with names of their own are accepted.</numerusform>
        </translation>
    </message>
</context>
</TS>
