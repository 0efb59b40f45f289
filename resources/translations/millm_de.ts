<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Brand</name>
    <message>
        <source>Mechanistic Interpretability Server</source>
        <translation>Server für mechanistische Interpretierbarkeit</translation>
    </message>
</context>
<context>
    <name>CardActions</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the download of %1</source>
        <translation>Herunterladen von %1 abbrechen</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Download %1 again</source>
        <translation>%1 noch einmal herunterladen</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Load %1 into memory</source>
        <translation>%1 in den Speicher laden</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>Entladen</translation>
    </message>
    <message>
        <source>Release the memory of %1</source>
        <translation>Speicher von %1 freigeben</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>What else can be done with %1</source>
        <translation>Weitere Aktionen für %1</translation>
    </message>
    <message>
        <source>Load with options</source>
        <translation>Mit Optionen laden</translation>
    </message>
    <message>
        <source>Choose the context length and the device of %1</source>
        <translation>Kontextlänge und Gerät von %1 wählen</translation>
    </message>
</context>
<context>
    <name>CardLoaded</name>
    <message>
        <source>Copy endpoint</source>
        <translation>Endpunkt kopieren</translation>
    </message>
    <message>
        <source>Copy curl</source>
        <translation>curl kopieren</translation>
    </message>
</context>
<context>
    <name>CardMenu</name>
    <message>
        <source>Download earlier</source>
        <translation>Früher herunterladen</translation>
    </message>
    <message>
        <source>Download later</source>
        <translation>Später herunterladen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open on the Hub</source>
        <translation>Auf dem Hub öffnen</translation>
    </message>
    <message>
        <source>Copy name for requests</source>
        <translation>Namen für Anfragen kopieren</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Copy repository id</source>
        <translation>Repository-ID kopieren</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen …</translation>
    </message>
    <message>
        <source>Make a 4-bit model of it</source>
        <translation>4-Bit-Modell daraus erzeugen</translation>
    </message>
    <message>
        <source>Make an 8-bit model of it</source>
        <translation>8-Bit-Modell daraus erzeugen</translation>
    </message>
</context>
<context>
    <name>ChatComposer</name>
    <message>
        <source>You are editing a message. What was said stays as a version beside it.</source>
        <translation>Eine Nachricht wird bearbeitet. Das bisher Gesagte bleibt als weitere Version erhalten.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Load a model to write to it</source>
        <translation>Zum Schreiben ein Modell laden</translation>
    </message>
    <message>
        <source>Write a message…</source>
        <translation>Nachricht schreiben …</translation>
    </message>
    <message>
        <source>Once upon a time…</source>
        <translation>Es war einmal …</translation>
    </message>
    <message>
        <source>Your message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Text to continue</source>
        <translation>Text zum Fortsetzen</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
</context>
<context>
    <name>ChatHeader</name>
    <message>
        <source>Conversations</source>
        <translation>Unterhaltungen</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Loading %1…</source>
        <translation>%1 wird geladen …</translation>
    </message>
    <message>
        <source>%1 makes embeddings; it does not write text</source>
        <translation>%1 erzeugt Embeddings und schreibt keinen Text</translation>
    </message>
    <message>
        <source>Try a loaded model</source>
        <translation>Ein geladenes Modell ausprobieren</translation>
    </message>
    <message>
        <source>A conversation with %1</source>
        <translation>Eine Unterhaltung mit %1</translation>
    </message>
    <message>
        <source>%1 has no chat template: it continues your text</source>
        <translation>%1 hat keine Chat-Vorlage: Der Text wird fortgesetzt</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>Load a model…</source>
        <translation>Modell laden …</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>How it answers</source>
        <translation>Antwortoptionen</translation>
    </message>
    <message>
        <source>Export conversation…</source>
        <translation>Unterhaltung exportieren …</translation>
    </message>
</context>
<context>
    <name>ChatOptionsPanel</name>
    <message>
        <source>System prompt</source>
        <translation>Systemprompt</translation>
    </message>
    <message>
        <source>What the model is told before the conversation</source>
        <translation>Was dem Modell vor der Unterhaltung mitgeteilt wird</translation>
    </message>
    <message>
        <source>You are a helpful assistant.</source>
        <translation>Du bist ein hilfreicher Assistent.</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Top-k, 0 is off</source>
        <translation>Top-k, 0 schaltet ab</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Seed</translation>
    </message>
    <message>
        <source>random</source>
        <translation>zufällig</translation>
    </message>
    <message>
        <source>Seed, empty for another one each time</source>
        <translation>Seed, leer: jedes Mal ein anderer</translation>
    </message>
    <message>
        <source>Max tokens</source>
        <translation>Max. Token</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>“%1” is deleted with all that was said. It does not come back.</source>
        <translation>„%1“ wird mit allem Gesagten gelöscht. Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>Loading %1…</source>
        <translation>%1 wird geladen …</translation>
    </message>
    <message>
        <source>The loaded model makes embeddings. Load one that writes, and the conversation goes on.</source>
        <translation>Das geladene Modell erzeugt Embeddings. Sobald eines geladen ist, das Text schreibt, geht die Unterhaltung weiter.</translation>
    </message>
    <message>
        <source>No model is loaded. The conversation is kept: load a model above, and it goes on.</source>
        <translation>Kein Modell ist geladen. Die Unterhaltung bleibt erhalten: Sobald oben ein Modell geladen ist, geht sie weiter.</translation>
    </message>
    <message>
        <source>Go to Models</source>
        <translation>Zu den Modellen</translation>
    </message>
    <message>
        <source>Rename conversation</source>
        <translation>Unterhaltung umbenennen</translation>
    </message>
    <message>
        <source>Delete conversation?</source>
        <translation>Unterhaltung löschen?</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Export conversation</source>
        <translation>Unterhaltung exportieren</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
</context>
<context>
    <name>ChatRow</name>
    <message>
        <source>You</source>
        <translation>Ich</translation>
    </message>
    <message>
        <source>Reasoning of %1</source>
        <translation>Überlegungen von %1</translation>
    </message>
    <message>
        <source>Hide reasoning</source>
        <translation>Überlegungen ausblenden</translation>
    </message>
    <message>
        <source>Show reasoning</source>
        <translation>Überlegungen anzeigen</translation>
    </message>
</context>
<context>
    <name>ChatView</name>
    <message>
        <source>Conversation</source>
        <translation>Unterhaltung</translation>
    </message>
</context>
<context>
    <name>CloseDialog</name>
    <message>
        <source>Close miLLM?</source>
        <translation>miLLM schließen?</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop and quit</source>
        <translation>Anhalten und beenden</translation>
    </message>
    <message>
        <source>Finish, then quit</source>
        <translation>Abschließen, dann beenden</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Minimize</source>
        <translation>Minimieren</translation>
    </message>
    <message>
        <source>This is under way:</source>
        <translation>Noch in Arbeit:</translation>
    </message>
    <message>
        <source>“Keep running” hides the window; the icon in the tray brings it back. Downloads that are stopped go on when they are tried again.</source>
        <translation>„Weiterlaufen lassen“ blendet das Fenster aus; das Symbol im Infobereich holt es zurück. Angehaltene Downloads werden beim nächsten Versuch fortgesetzt.</translation>
    </message>
    <message>
        <source>“Minimize” keeps everything going. Downloads that are stopped go on when they are tried again.</source>
        <translation>Mit „Minimieren“ läuft alles weiter. Angehaltene Downloads werden beim nächsten Versuch fortgesetzt.</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Code kopieren</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>ConversationRow</name>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>ConversationsPanel</name>
    <message>
        <source>New conversation</source>
        <translation>Neue Unterhaltung</translation>
    </message>
    <message>
        <source>Search conversations</source>
        <translation>Unterhaltungen durchsuchen</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Unterhaltungen</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen …</translation>
    </message>
    <message>
        <source>Nothing found.</source>
        <translation>Nichts gefunden.</translation>
    </message>
    <message>
        <source>What you say is kept here.</source>
        <translation>Hier werden Unterhaltungen aufbewahrt.</translation>
    </message>
</context>
<context>
    <name>DeleteDialog</name>
    <message>
        <source>Remove model?</source>
        <translation>Modell entfernen?</translation>
    </message>
    <message>
        <source>Delete model?</source>
        <translation>Modell löschen?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>%1 leaves the list. Its files stay where they are.</source>
        <translation>%1 wird aus der Liste entfernt. Die Dateien bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>%1 and its files are deleted from this machine.</source>
        <translation>%1 und die zugehörigen Dateien werden von diesem Rechner gelöscht.</translation>
    </message>
    <message>
        <source>%1 and its files are deleted from this machine. This frees %2.</source>
        <translation>%1 und die zugehörigen Dateien werden von diesem Rechner gelöscht. Dadurch werden %2 frei.</translation>
    </message>
    <message>
        <source>%1 leaves the list. Its files stay where they are. What was quantized of them is deleted, which frees %2.</source>
        <translation>%1 wird aus der Liste entfernt. Die Dateien bleiben, wo sie sind. Was daraus quantisiert wurde, wird gelöscht; dadurch werden %2 frei.</translation>
    </message>
</context>
<context>
    <name>Dialog</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>DownloadCard</name>
    <message>
        <source>Download from HuggingFace</source>
        <translation>Von Hugging Face herunterladen</translation>
    </message>
    <message>
        <source>Add from folder…</source>
        <translation>Aus Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Offline: only repositories that are already in this machine&apos;s Hub cache can be added.</source>
        <translation>Offline: Nur Repositorys, die schon im Hub-Cache dieses Rechners liegen, können hinzugefügt werden.</translation>
    </message>
    <message>
        <source>HuggingFace Model Repository</source>
        <translation>Modell-Repository auf Hugging Face</translation>
    </message>
    <message>
        <source>e.g., google/gemma-2-2b</source>
        <translation>z. B. google/gemma-2-2b</translation>
    </message>
    <message>
        <source>Quantization Format</source>
        <translation>Quantisierung</translation>
    </message>
    <message>
        <source>Access Token</source>
        <translation>Zugriffstoken</translation>
    </message>
    <message>
        <source>(optional, for gated models)</source>
        <translation>(optional, für geschützte Modelle)</translation>
    </message>
    <message>
        <source>Optional, for gated models. It is kept until the program ends and never written to disk.</source>
        <translation>Optional, für geschützte Modelle. Bleibt bis zum Programmende erhalten und wird nie auf die Festplatte geschrieben.</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
</context>
<context>
    <name>EmptyChat</name>
    <message>
        <source>The loaded model makes embeddings: ask for them at /v1/embeddings.</source>
        <translation>Das geladene Modell erzeugt Embeddings; abrufbar unter /v1/embeddings.</translation>
    </message>
    <message>
        <source>Loading %1…</source>
        <translation>%1 wird geladen …</translation>
    </message>
    <message>
        <source>No model is loaded. Choose one above.</source>
        <translation>Kein Modell ist geladen. Oben lässt sich eines auswählen.</translation>
    </message>
    <message>
        <source>There is no model yet. Download one on the Models page, then come back.</source>
        <translation>Noch ist kein Modell vorhanden. Zuerst auf der Seite „Modelle“ eines herunterladen.</translation>
    </message>
    <message>
        <source>Say something to the model.</source>
        <translation>Dem Modell etwas schreiben.</translation>
    </message>
    <message>
        <source>Write the beginning of a text; the model goes on with it.</source>
        <translation>Den Anfang eines Textes schreiben; das Modell setzt ihn fort.</translation>
    </message>
    <message>
        <source>Go to Models</source>
        <translation>Zu den Modellen</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>There is no model with id %1.</source>
        <translation>Es gibt kein Modell mit der ID %1.</translation>
    </message>
    <message>
        <source>The model &apos;%1&apos; with %2 quantization is already there.</source>
        <translation>Das Modell „%1“ mit %2-Quantisierung ist schon vorhanden.</translation>
    </message>
    <message>
        <source>The local model at &apos;%1&apos; is already there.</source>
        <translation>Das lokale Modell in „%1“ ist schon vorhanden.</translation>
    </message>
    <message>
        <source>Network error. Please check connection and try again.</source>
        <translation>Netzwerkfehler. Bitte die Verbindung prüfen und erneut versuchen.</translation>
    </message>
    <message>
        <source>Download failed: %1</source>
        <translation>Herunterladen fehlgeschlagen: %1</translation>
    </message>
    <message>
        <source>The Hub cannot be searched: %1</source>
        <translation>Der Hub kann nicht durchsucht werden: %1</translation>
    </message>
    <message>
        <source>Loading the model failed: %1</source>
        <translation>Laden des Modells fehlgeschlagen: %1</translation>
    </message>
    <message>
        <source>Out of memory loading model. Try a smaller model or higher quantization (Q4).</source>
        <translation>Beim Laden reichte der Speicher nicht. Ein kleineres Modell oder eine stärkere Quantisierung (Q4) versuchen.</translation>
    </message>
    <message>
        <source>The model is already loaded.</source>
        <translation>Das Modell ist bereits geladen.</translation>
    </message>
    <message>
        <source>The model is not loaded.</source>
        <translation>Das Modell ist nicht geladen.</translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation>Kein Modell ist geladen.</translation>
    </message>
    <message>
        <source>The model is not being downloaded.</source>
        <translation>Das Modell wird nicht heruntergeladen.</translation>
    </message>
    <message>
        <source>The program is shutting down.</source>
        <translation>Das Programm wird beendet.</translation>
    </message>
    <message>
        <source>Insufficient disk space. Need %1, only %2 available.</source>
        <translation>Nicht genügend Speicherplatz. Benötigt werden %1, verfügbar sind nur %2.</translation>
    </message>
    <message>
        <source>Invalid repository id &apos;%1&apos;: %2</source>
        <translation>Ungültige Repository-ID „%1“: %2</translation>
    </message>
    <message>
        <source>Invalid model path: Directory does not exist or does not contain valid model files.</source>
        <translation>Ungültiger Modellpfad: Der Ordner existiert nicht oder enthält keine gültigen Modelldateien.</translation>
    </message>
    <message>
        <source>Model not found: &apos;%1&apos; does not exist on HuggingFace.</source>
        <translation>Modell nicht gefunden: „%1“ gibt es auf Hugging Face nicht.</translation>
    </message>
    <message>
        <source>&apos;%1&apos; is a gated model: accept its terms on its page and give an access token.</source>
        <translation>„%1“ ist ein geschütztes Modell: Die Bedingungen auf seiner Seite annehmen und ein Zugriffstoken angeben.</translation>
    </message>
    <message>
        <source>The Hub refuses the access token: %1</source>
        <translation>Der Hub lehnt das Zugriffstoken ab: %1</translation>
    </message>
    <message>
        <source>The access token does not open &apos;%1&apos;: %2</source>
        <translation>Das Zugriffstoken berechtigt nicht zu „%1“: %2</translation>
    </message>
    <message>
        <source>it must be owner/name</source>
        <translation>Sie muss die Form Besitzer/Name haben</translation>
    </message>
    <message>
        <source>only letters, digits, &apos;-&apos;, &apos;_&apos; and &apos;.&apos; are allowed</source>
        <translation>Erlaubt sind nur Buchstaben, Ziffern, „-“, „_“ und „.“</translation>
    </message>
    <message>
        <source>a part must not begin or end with &apos;%1&apos;</source>
        <translation>Ein Teil darf nicht mit „%1“ anfangen oder enden</translation>
    </message>
    <message>
        <source>it is not an address of the Hub</source>
        <translation>Das ist keine Adresse des Hubs</translation>
    </message>
    <message>
        <source>it is an address of %1, not of a model</source>
        <translation>Das ist eine Adresse von %1, nicht die eines Modells</translation>
    </message>
    <message>
        <source>the Hub has disabled this repository.</source>
        <translation>Der Hub hat dieses Repository gesperrt.</translation>
    </message>
    <message>
        <source>the Hub&apos;s rate limit is reached (429).</source>
        <translation>Das Anfragelimit des Hubs ist erreicht (429).</translation>
    </message>
    <message>
        <source>the server is in trouble (%1). Please try again later.</source>
        <translation>Der Server ist gestört (%1). Bitte später erneut versuchen.</translation>
    </message>
    <message>
        <source>the server does not answer like a Hub (404).</source>
        <translation>Der Server antwortet nicht wie ein Hub (404).</translation>
    </message>
    <message>
        <source>the server&apos;s certificate is not trusted (TLS).</source>
        <translation>Dem Zertifikat des Servers wird nicht vertraut (TLS).</translation>
    </message>
    <message>
        <source>Another model is being loaded.</source>
        <translation>Ein anderes Modell wird gerade geladen.</translation>
    </message>
    <message>
        <source>Another model is loaded, loading or unloading.</source>
        <translation>Ein anderes Modell ist geladen, wird geladen oder entladen.</translation>
    </message>
    <message>
        <source>Another model is called &apos;%1&apos; already.</source>
        <translation>Ein anderes Modell heißt schon „%1“.</translation>
    </message>
    <message>
        <source>The model is being loaded already.</source>
        <translation>Das Modell wird bereits geladen.</translation>
    </message>
    <message>
        <source>The model is being removed.</source>
        <translation>Das Modell wird gerade entfernt.</translation>
    </message>
    <message>
        <source>The model is being unloaded.</source>
        <translation>Das Modell wird gerade entladen.</translation>
    </message>
    <message>
        <source>The model is loaded, loading or being removed; unload it first.</source>
        <translation>Das Modell ist geladen, wird geladen oder entfernt; zuerst entladen.</translation>
    </message>
    <message>
        <source>Only a failed download can be started again.</source>
        <translation>Nur ein fehlgeschlagener Download kann neu gestartet werden.</translation>
    </message>
    <message>
        <source>The name is empty.</source>
        <translation>Der Name ist leer.</translation>
    </message>
    <message>
        <source>The database cannot be opened: %1</source>
        <translation>Die Datenbank kann nicht geöffnet werden: %1</translation>
    </message>
    <message>
        <source>The database failed: %1</source>
        <translation>Die Datenbank meldet einen Fehler: %1</translation>
    </message>
    <message>
        <source>The settings file &apos;%1&apos; cannot be written: %2.</source>
        <translation>Die Einstellungsdatei „%1“ kann nicht geschrieben werden: %2.</translation>
    </message>
    <message>
        <source>Cannot listen on &apos;%1&apos;: it is not an address.</source>
        <translation>„%1“ ist keine Adresse, an der gelauscht werden kann.</translation>
    </message>
    <message>
        <source>Cannot listen on %1 port %2: %3.</source>
        <translation>An %1, Port %2 kann nicht gelauscht werden: %3.</translation>
    </message>
    <message>
        <source>must be a port from 0 to 65535, not &apos;%1&apos;</source>
        <translation>muss ein Port von 0 bis 65535 sein, nicht „%1“</translation>
    </message>
    <message>
        <source>must be a number of MiB, not &apos;%1&apos;</source>
        <translation>muss eine Anzahl von MiB sein, nicht „%1“</translation>
    </message>
    <message>
        <source>must be 0 to %1 minutes, not &apos;%2&apos;</source>
        <translation>muss 0 bis %1 Minuten sein, nicht „%2“</translation>
    </message>
    <message>
        <source>must be a number from 0 to 1024, not &apos;%1&apos;</source>
        <translation>muss eine Zahl von 0 bis 1024 sein, nicht „%1“</translation>
    </message>
    <message>
        <source>must be an http or https URL, not &apos;%1&apos;</source>
        <translation>muss eine http- oder https-URL sein, nicht „%1“</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2.</source>
        <translation>In %1 kann nicht geschrieben werden: %2.</translation>
    </message>
    <message>
        <source>The models are being moved to another folder.</source>
        <translation>Die Modelle werden gerade in einen anderen Ordner verschoben.</translation>
    </message>
    <message>
        <source>Models are moved only while none is loaded, loading or downloading.</source>
        <translation>Modelle werden nur verschoben, solange keines geladen ist oder geladen oder heruntergeladen wird.</translation>
    </message>
    <message>
        <source>Moving the models was stopped; they are where they were.</source>
        <translation>Das Verschieben wurde abgebrochen; die Modelle sind, wo sie waren.</translation>
    </message>
    <message>
        <source>&apos;%1&apos; is there already.</source>
        <translation>&apos;%1&apos; ist schon da.</translation>
    </message>
    <message>
        <source>&apos;%1&apos; is not what was written.</source>
        <translation>&apos;%1&apos; ist nicht, was geschrieben wurde.</translation>
    </message>
    <message>
        <source>&apos;%1&apos; cannot be changed: %2.</source>
        <translation>&apos;%1&apos; lässt sich nicht ändern: %2.</translation>
    </message>
    <message>
        <source>must be system, none or an address such as http://proxy.example:3128 or socks5://proxy.example:1080</source>
        <translation>muss system, none oder eine Adresse wie http://proxy.example:3128 oder socks5://proxy.example:1080 sein</translation>
    </message>
    <message>
        <source>must be 0 or 0.01 to %1 MB a second, not &apos;%2&apos;</source>
        <translation>muss 0 oder 0,01 bis %1 MB pro Sekunde sein, nicht &apos;%2&apos;</translation>
    </message>
    <message>
        <source>Download interrupted</source>
        <translation>Herunterladen unterbrochen</translation>
    </message>
    <message>
        <source>Quantizing interrupted</source>
        <translation>Quantisierung unterbrochen</translation>
    </message>
    <message>
        <source>The model&apos;s files are no longer in the cache. Download it again.</source>
        <translation>Die Dateien des Modells sind nicht mehr im Cache. Es muss erneut heruntergeladen werden.</translation>
    </message>
    <message>
        <source>The model&apos;s files are no longer in the cache. Quantize it again.</source>
        <translation>Die Dateien des Modells sind nicht mehr im Cache. Es muss erneut quantisiert werden.</translation>
    </message>
    <message>
        <source>The model&apos;s files are not there yet.</source>
        <translation>Die Dateien des Modells sind noch nicht da.</translation>
    </message>
    <message>
        <source>Q4 and Q8 can be made of a model whose files are not quantized.</source>
        <translation>Q4 und Q8 lassen sich aus einem Modell machen, dessen Dateien nicht quantisiert sind.</translation>
    </message>
    <message>
        <source>&apos;%1&apos; in &apos;%2&apos; is not what it was.</source>
        <translation>„%1“ in „%2“ ist nicht mehr, was es war.</translation>
    </message>
    <message>
        <source>&apos;%1&apos; cannot be copied to &apos;%2&apos;.</source>
        <translation>„%1“ lässt sich nicht nach „%2“ kopieren.</translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message>
        <source>TB</source>
        <translation>TB</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>GB</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>KB</source>
        <translation>kB</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>Byte</translation>
    </message>
    <message>
        <source>%1 of %2 %3</source>
        <translation>%1 von %2&#xa0;%3</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>1 token</source>
        <translation>1 Token</translation>
    </message>
    <message>
        <source>%1, %2 tokens/s</source>
        <translation>%1, %2 Token/s</translation>
    </message>
    <message>
        <source>%1%</source>
        <translation>%1&#xa0;%</translation>
    </message>
    <message numerus="yes">
        <source>%Ln tokens</source>
        <translation>
            <numerusform>%Ln Token</numerusform>
            <numerusform>%Ln Token</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1&#xa0;%2</translation>
    </message>
</context>
<context>
    <name>FoundModels</name>
    <message>
        <source>Models on the Hub</source>
        <translation>Modelle auf dem Hub</translation>
    </message>
</context>
<context>
    <name>FoundRow</name>
    <message>
        <source>gated • %1</source>
        <translation>geschützt • %1</translation>
    </message>
</context>
<context>
    <name>GatheringCard</name>
    <message>
        <source>Models in other folders</source>
        <translation>Modelle in anderen Ordnern</translation>
    </message>
    <message>
        <source>They can be moved into the folder of downloaded models: each file is compared with the old one before that goes. No model may be loaded or downloading meanwhile.</source>
        <translation>Sie lassen sich in den Ordner der heruntergeladenen Modelle verschieben: Jede Datei wird mit der alten verglichen, bevor diese gelöscht wird. Solange darf kein Modell geladen sein oder heruntergeladen werden.</translation>
    </message>
    <message>
        <source>Moving the models</source>
        <translation>Modelle werden verschoben</translation>
    </message>
    <message>
        <source>Move them</source>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The models stay where they are</source>
        <translation>Die Modelle bleiben, wo sie sind</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Header</source>
        <translation>Kopfzeile</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Shortcuts and appearance</source>
        <translation>Tastenkürzel und Darstellung</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Kein Modell</translation>
    </message>
</context>
<context>
    <name>LanguageChoice</name>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
</context>
<context>
    <name>ListFace</name>
    <message>
        <source>Reading your models…</source>
        <translation>Modelle werden gelesen …</translation>
    </message>
    <message>
        <source>No models yet. Enter a repository above, or start with a small one to see how it works.</source>
        <translation>Noch keine Modelle. Oben ein Repository eingeben oder zum Kennenlernen mit einem kleinen Modell anfangen.</translation>
    </message>
    <message>
        <source>Try a small model</source>
        <translation>Kleines Modell ausprobieren</translation>
    </message>
</context>
<context>
    <name>LoadDialog</name>
    <message>
        <source>Load model</source>
        <translation>Modell laden</translation>
    </message>
    <message>
        <source>Not enough memory</source>
        <translation>Nicht genügend Speicher</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>Trotzdem laden</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>Context length in tokens</source>
        <translation>Kontextlänge in Tokens</translation>
    </message>
    <message>
        <source>What fits: %1</source>
        <translation>Was passt: %1</translation>
    </message>
    <message>
        <source>Set the context length back to what fits</source>
        <translation>Die Kontextlänge zurücksetzen auf das, was passt</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
</context>
<context>
    <name>LoadedName</name>
    <message>
        <source>No model loaded</source>
        <translation>Kein Modell geladen</translation>
    </message>
    <message>
        <source>Loaded model: %1</source>
        <translation>Geladenes Modell: %1</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Kein Modell</translation>
    </message>
</context>
<context>
    <name>LocalDialog</name>
    <message>
        <source>Add from folder</source>
        <translation>Aus Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Add model</source>
        <translation>Modell hinzufügen</translation>
    </message>
    <message>
        <source>Model folder</source>
        <translation>Modellordner</translation>
    </message>
    <message>
        <source>/path/to/model</source>
        <translation>/pfad/zum/modell</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Durchsuchen …</translation>
    </message>
    <message>
        <source>Quantization to apply when loading</source>
        <translation>Quantisierung beim Laden</translation>
    </message>
    <message>
        <source>Choose the model&apos;s folder</source>
        <translation>Ordner des Modells auswählen</translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>miLLM (demo)</source>
        <translation>miLLM (Demo)</translation>
    </message>
</context>
<context>
    <name>Metrics</name>
    <message>
        <source>CPU:</source>
        <translation>CPU:</translation>
    </message>
    <message>
        <source>RAM:</source>
        <translation>RAM:</translation>
    </message>
    <message>
        <source>GPU:</source>
        <translation>GPU:</translation>
    </message>
    <message>
        <source>VRAM:</source>
        <translation>VRAM:</translation>
    </message>
    <message>
        <source>GPU temperature</source>
        <translation>GPU-Temperatur</translation>
    </message>
    <message>
        <source>No GPU</source>
        <translation>Keine GPU</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Local</source>
        <translation>Lokal</translation>
    </message>
</context>
<context>
    <name>ModelGrid</name>
    <message>
        <source>Your Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>No model is like that.</source>
        <translation>Kein Modell entspricht dieser Auswahl.</translation>
    </message>
    <message>
        <source>No model matches “%1”.</source>
        <translation>Kein Modell passt zu „%1“.</translation>
    </message>
    <message>
        <source>Show all models</source>
        <translation>Alle Modelle anzeigen</translation>
    </message>
    <message numerus="yes">
        <source>Show %Ln more</source>
        <translation>
            <numerusform>%Ln weiteres anzeigen</numerusform>
            <numerusform>%Ln weitere anzeigen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>Queued</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Lädt herunter</translation>
    </message>
    <message>
        <source>Verifying</source>
        <translation>Wird geprüft</translation>
    </message>
    <message>
        <source>Quantizing</source>
        <translation>Quantisiert</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Wird geladen</translation>
    </message>
    <message>
        <source>Loaded</source>
        <translation>Geladen</translation>
    </message>
    <message>
        <source>Unloading</source>
        <translation>Wird entladen</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>%1 params</source>
        <translation>%1 Parameter</translation>
    </message>
    <message>
        <source>%1 quantization</source>
        <translation>%1-Quantisierung</translation>
    </message>
    <message>
        <source>%1 memory</source>
        <translation>%1 Speicher</translation>
    </message>
    <message numerus="yes">
        <source>Waiting for %Ln downloads before it…</source>
        <translation>
            <numerusform>Wartet auf %Ln früheren Download …</numerusform>
            <numerusform>Wartet auf %Ln frühere Downloads …</numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting for the download before it…</source>
        <translation>Wartet auf den vorherigen Download …</translation>
    </message>
    <message>
        <source>Releasing memory…</source>
        <translation>Speicher wird freigegeben …</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>Wird vorbereitet …</translation>
    </message>
    <message>
        <source>Unloading previous model…</source>
        <translation>Vorheriges Modell wird entladen …</translation>
    </message>
    <message>
        <source>Loading weights…</source>
        <translation>Gewichte werden geladen …</translation>
    </message>
    <message>
        <source>Quantizing…</source>
        <translation>Wird quantisiert …</translation>
    </message>
    <message>
        <source>Moving to the GPU…</source>
        <translation>Wird auf die GPU übertragen …</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Wird gestartet …</translation>
    </message>
    <message>
        <source>Downloading…</source>
        <translation>Wird heruntergeladen …</translation>
    </message>
    <message>
        <source>The line broke. Next try in %1…</source>
        <translation>Verbindung unterbrochen. Nächster Versuch in %1 …</translation>
    </message>
    <message>
        <source>Verifying…</source>
        <translation>Wird geprüft …</translation>
    </message>
    <message>
        <source>Finishing…</source>
        <translation>Wird abgeschlossen …</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>Unload the model before you delete it</source>
        <translation>Vor dem Löschen muss das Modell entladen werden</translation>
    </message>
    <message>
        <source>The model cannot be deleted while it is busy</source>
        <translation>Das Modell kann nicht gelöscht werden, solange es beschäftigt ist</translation>
    </message>
    <message>
        <source>Remove %1 from the list</source>
        <translation>%1 aus der Liste entfernen</translation>
    </message>
    <message>
        <source>Delete %1</source>
        <translation>%1 löschen</translation>
    </message>
    <message>
        <source>%1 used</source>
        <translation>%1 belegt</translation>
    </message>
    <message>
        <source>%1 estimated</source>
        <translation>%1 geschätzt</translation>
    </message>
    <message numerus="yes">
        <source>Waiting for %Ln pending requests to complete...</source>
        <translation>
            <numerusform>Wartet auf den Abschluss von %Ln Anfrage …</numerusform>
            <numerusform>Wartet auf den Abschluss von %Ln Anfragen …</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unloading previous model… Waiting for %Ln pending requests to complete...</source>
        <translation>
            <numerusform>Vorheriges Modell wird entladen … Wartet auf den Abschluss von %Ln Anfrage …</numerusform>
            <numerusform>Vorheriges Modell wird entladen … Wartet auf den Abschluss von %Ln Anfragen …</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>context of %Ln tokens</source>
        <translation>
            <numerusform>Kontext von %Ln Token</numerusform>
            <numerusform>Kontext von %Ln Tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Download and manage PyTorch models with quantization support</source>
        <translation>PyTorch-Modelle herunterladen, quantisieren und verwalten</translation>
    </message>
    <message>
        <source>Other programs cannot reach miLLM: %1 Models can be downloaded and used here all the same.</source>
        <translation>Andere Programme können miLLM nicht erreichen: %1 Modelle lassen sich hier trotzdem herunterladen und verwenden.</translation>
    </message>
    <message>
        <source>Choose another port…</source>
        <translation>Anderen Port wählen …</translation>
    </message>
    <message>
        <source>Choose another folder…</source>
        <translation>Anderen Ordner wählen …</translation>
    </message>
    <message>
        <source>Rename model</source>
        <translation>Modell umbenennen</translation>
    </message>
    <message>
        <source>(letters, digits, “-”, “_” and “.”; requests use it)</source>
        <translation>(Buchstaben, Ziffern, „-“, „_“ und „.“; wird in Anfragen verwendet)</translation>
    </message>
</context>
<context>
    <name>ModelsSection</name>
    <message>
        <source>Your Models (%1)</source>
        <translation>Modelle (%1)</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>Modelle durchsuchen</translation>
    </message>
    <message>
        <source>Any state</source>
        <translation>Jeder Zustand</translation>
    </message>
    <message>
        <source>Loaded</source>
        <translation>Geladen</translation>
    </message>
    <message>
        <source>At work</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Any source</source>
        <translation>Jede Quelle</translation>
    </message>
    <message>
        <source>From the Hub</source>
        <translation>Vom Hub</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>Lokal</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>What matters first</source>
        <translation>Wichtigstes zuerst</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>Neueste zuerst</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Nach Name</translation>
    </message>
    <message>
        <source>Largest first</source>
        <translation>Größte zuerst</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Reihenfolge</translation>
    </message>
</context>
<context>
    <name>NumberField</name>
    <message>
        <source>From %1 to %2</source>
        <translation>Von %1 bis %2</translation>
    </message>
</context>
<context>
    <name>Packing</name>
    <message>
        <source>Quantized with %1 already; its weights are kept as they are.</source>
        <translation>Bereits mit %1 quantisiert; die Gewichte bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Quantized with %1 already. Its values are restored, then kept in 16 bits or quantized anew, as you choose.</source>
        <translation>Bereits mit %1 quantisiert. Die Werte werden wiederhergestellt und dann je nach Wahl in 16 Bit behalten oder neu quantisiert.</translation>
    </message>
    <message>
        <source>made from %1</source>
        <translation>aus %1 gewonnen</translation>
    </message>
</context>
<context>
    <name>PasswordField</name>
    <message>
        <source>Show the token</source>
        <translation>Token anzeigen</translation>
    </message>
    <message>
        <source>Hide the token</source>
        <translation>Token verbergen</translation>
    </message>
</context>
<context>
    <name>PreviewDialog</name>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Download with %1</source>
        <translation>Mit %1 herunterladen</translation>
    </message>
    <message>
        <source>This model is gated: its download needs an access token of an account that was granted access.</source>
        <translation>Dieses Modell ist geschützt: Zum Herunterladen ist das Zugriffstoken eines Kontos nötig, das freigeschaltet wurde.</translation>
    </message>
    <message>
        <source>This repository asks for “Trust Remote Code”.</source>
        <translation>Dieses Repository verlangt „Fremdem Code vertrauen“ (Trust Remote Code).</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>To download</source>
        <translation>Download-Größe</translation>
    </message>
</context>
<context>
    <name>RenameDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
</context>
<context>
    <name>RequestRow</name>
    <message>
        <source>Stop this request</source>
        <translation>Diese Anfrage abbrechen</translation>
    </message>
</context>
<context>
    <name>SchemeRow</name>
    <message>
        <source>%1: %2 disk, %3 memory</source>
        <translation>%1: %2 Speicherplatz, %3 Arbeitsspeicher</translation>
    </message>
    <message>
        <source>%1 disk</source>
        <translation>%1 Platz</translation>
    </message>
    <message>
        <source>%1 memory</source>
        <translation>%1 Speicher</translation>
    </message>
</context>
<context>
    <name>ServerAddressCard</name>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Copy %1</source>
        <translation>%1 kopieren</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Local network: other machines may come in</source>
        <translation>Lokales Netzwerk: Zugriff von anderen Rechnern erlauben</translation>
    </message>
    <message>
        <source>API key</source>
        <translation>API-Schlüssel</translation>
    </message>
    <message>
        <source>(set by %1)</source>
        <translation>(festgelegt durch %1)</translation>
    </message>
    <message>
        <source>(optional on this machine alone)</source>
        <translation>(optional, solange nur dieser Rechner zugreift)</translation>
    </message>
    <message>
        <source>Show the key</source>
        <translation>Schlüssel anzeigen</translation>
    </message>
    <message>
        <source>Hide the key</source>
        <translation>Schlüssel verbergen</translation>
    </message>
    <message>
        <source>Make a key</source>
        <translation>Schlüssel erzeugen</translation>
    </message>
    <message>
        <source>Copy the key</source>
        <translation>Schlüssel kopieren</translation>
    </message>
    <message>
        <source>A restart keeps the loaded model, and answers that are under way come to their end.</source>
        <translation>Bei einem Neustart bleibt das Modell geladen, und laufende Antworten werden zu Ende geführt.</translation>
    </message>
    <message>
        <source>Restart the server</source>
        <translation>Server neu starten</translation>
    </message>
    <message>
        <source>Start the server</source>
        <translation>Server starten</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
</context>
<context>
    <name>ServerHealthCard</name>
    <message>
        <source>Health</source>
        <translation>Betriebszustand</translation>
    </message>
    <message>
        <source>Asking…</source>
        <translation>Wird abgefragt …</translation>
    </message>
</context>
<context>
    <name>ServerLogCard</name>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Messages from this level on</source>
        <translation>Meldungen ab dieser Stufe</translation>
    </message>
    <message>
        <source>Copy the log</source>
        <translation>Protokoll kopieren</translation>
    </message>
    <message>
        <source>Nothing of that level was told yet.</source>
        <translation>Auf dieser Stufe gibt es noch keine Meldungen.</translation>
    </message>
</context>
<context>
    <name>ServerPage</name>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>How other programs reach the loaded model</source>
        <translation>Wie andere Programme das geladene Modell erreichen</translation>
    </message>
    <message>
        <source>Use port %1</source>
        <translation>Port %1 verwenden</translation>
    </message>
</context>
<context>
    <name>ServerPill</name>
    <message>
        <source>Server: %1</source>
        <translation>Server: %1</translation>
    </message>
</context>
<context>
    <name>ServerRequestsCard</name>
    <message>
        <source>Requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>None is under way.</source>
        <translation>Zurzeit läuft keine.</translation>
    </message>
    <message>
        <source>Under way: %1</source>
        <translation>Laufend: %1</translation>
    </message>
    <message>
        <source>Requests under way</source>
        <translation>Laufende Anfragen</translation>
    </message>
    <message>
        <source>No program has asked yet. Health checks and event listeners are not counted here.</source>
        <translation>Noch hat kein Programm angefragt. Zustandsabfragen und Ereignisempfänger werden hier nicht gezählt.</translation>
    </message>
    <message>
        <source>Requests that have ended</source>
        <translation>Beendete Anfragen</translation>
    </message>
    <message numerus="yes">
        <source>The last %Ln:</source>
        <translation>
            <numerusform>Die letzte:</numerusform>
            <numerusform>Die letzten %Ln:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ServerSnippetsCard</name>
    <message>
        <source>Use it from other programs</source>
        <translation>In anderen Programmen verwenden</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>The server does not run.</source>
        <translation>Der Server läuft nicht.</translation>
    </message>
    <message>
        <source>Example: %1</source>
        <translation>Beispiel: %1</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Set by %1.</source>
        <translation>Festgelegt durch %1.</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Durchsuchen …</translation>
    </message>
    <message>
        <source>Set by %1, which counts before what is written here.</source>
        <translation>Festgelegt durch %1, mit Vorrang vor dieser Angabe.</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Each says when it takes effect. Address, port and key stand on the server&apos;s page.</source>
        <translation>Bei jeder Einstellung steht, wann sie wirksam wird. Adresse, Port und Schlüssel stehen auf der Seite „Server“.</translation>
    </message>
    <message>
        <source>The demo leaves no traces: what is changed here lasts until the program ends.</source>
        <translation>Die Demo hinterlässt keine Spuren: Änderungen gelten bis zum Programmende.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Access token of the Hub</source>
        <translation>Zugriffstoken des Hubs</translation>
    </message>
    <message>
        <source>Access token</source>
        <translation>Zugriffstoken</translation>
    </message>
    <message>
        <source>(for gated models)</source>
        <translation>(für geschützte Modelle)</translation>
    </message>
    <message>
        <source>Kept in memory alone until the program ends, for what brings no token of its own. Takes effect at once.</source>
        <translation>Bleibt nur im Arbeitsspeicher, bis das Programm endet; gilt, wo kein eigenes Token angegeben ist. Sofort wirksam.</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Go to a page</source>
        <translation>Zu einer Seite wechseln</translation>
    </message>
    <message>
        <source>Go to the repository box</source>
        <translation>Zum Feld für das Repository</translation>
    </message>
    <message>
        <source>Next, previous control</source>
        <translation>Nächstes, vorheriges Bedienelement</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>Pfeiltasten</translation>
    </message>
    <message>
        <source>Next model, next tab; otherwise scroll, as Page Up, Page Down, Home and End do</source>
        <translation>Nächstes Modell, nächster Reiter; sonst blättern wie Bild auf, Bild ab, Pos1 und Ende</translation>
    </message>
    <message>
        <source>On a model: load, unload or retry. In the form: download</source>
        <translation>Auf einem Modell: laden, entladen oder erneut versuchen. Im Formular: herunterladen</translation>
    </message>
    <message>
        <source>On a model: delete it</source>
        <translation>Auf einem Modell: löschen</translation>
    </message>
    <message>
        <source>On a model: what else can be done with it</source>
        <translation>Auf einem Modell: weitere Aktionen</translation>
    </message>
    <message>
        <source>Close a dialog, stop an answer</source>
        <translation>Dialog schließen, Antwort anhalten</translation>
    </message>
    <message>
        <source>Quit; asks first where something is under way</source>
        <translation>Beenden; fragt nach, wenn noch etwas läuft</translation>
    </message>
    <message>
        <source>This dialog</source>
        <translation>Dieser Dialog</translation>
    </message>
    <message>
        <source>Shortcuts and appearance</source>
        <translation>Tastenkürzel und Darstellung</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Ctrl+1 … Ctrl+9</source>
        <translation>Strg+1 … Strg+9</translation>
    </message>
    <message>
        <source>Ctrl+L</source>
        <translation>Strg+L</translation>
    </message>
    <message>
        <source>Tab, Shift+Tab</source>
        <translation>Tab, Umschalt+Tab</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Shift+F10</source>
        <translation>Umschalt+F10</translation>
    </message>
    <message>
        <source>Escape</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Ctrl+Q</source>
        <translation>Strg+Q</translation>
    </message>
    <message>
        <source>F1</source>
        <translation>F1</translation>
    </message>
</context>
<context>
    <name>ThemeChoice</name>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farbschema</translation>
    </message>
</context>
<context>
    <name>Toast</name>
    <message>
        <source>Dismiss</source>
        <translation>Ausblenden</translation>
    </message>
</context>
<context>
    <name>TokenDialog</name>
    <message>
        <source>Access token needed</source>
        <translation>Zugriffstoken nötig</translation>
    </message>
    <message>
        <source>Open the model&apos;s page</source>
        <translation>Seite des Modells öffnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Continue without token</source>
        <translation>Ohne Token fortfahren</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortfahren</translation>
    </message>
    <message>
        <source>Accept the model&apos;s terms on its page, then paste a token of that account. It is kept until the program ends and never written to disk.</source>
        <translation>Auf der Seite des Modells die Bedingungen annehmen und dann ein Token dieses Kontos einfügen. Es bleibt bis zum Programmende erhalten und wird nie auf die Festplatte geschrieben.</translation>
    </message>
    <message>
        <source>Access Token</source>
        <translation>Zugriffstoken</translation>
    </message>
</context>
<context>
    <name>TrayIcon</name>
    <message>
        <source>quits when it has finished</source>
        <translation>beendet sich nach Abschluss</translation>
    </message>
    <message>
        <source>loading %1</source>
        <translation>%1 wird geladen</translation>
    </message>
    <message>
        <source>Open miLLM</source>
        <translation>miLLM öffnen</translation>
    </message>
    <message>
        <source>Unload %1</source>
        <translation>%1 entladen</translation>
    </message>
    <message>
        <source>No model is loaded</source>
        <translation>Kein Modell ist geladen</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
</context>
<context>
    <name>TrustBox</name>
    <message>
        <source>Trust Remote Code</source>
        <translation>Fremdem Code vertrauen</translation>
    </message>
    <message>
        <source>- Required for some models (Phi-4, CodeLlama, etc.)</source>
        <translation>(Trust Remote Code) – nötig für manche Modelle (Phi-4, CodeLlama usw.)</translation>
    </message>
    <message>
        <source>Some repositories ship Python code of their own. miLLM never runs it: ticking this only accepts such a repository where miLLM knows the model by itself.</source>
        <translation>Manche Repositorys enthalten eigenen Python-Code. miLLM führt ihn nie aus: Das Häkchen lässt ein solches Repository nur zu, wenn miLLM das Modell selbst kennt.</translation>
    </message>
</context>
<context>
    <name>TurnEnd</name>
    <message>
        <source>Writing…</source>
        <translation>Schreibt …</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>Nachricht kopieren</translation>
    </message>
    <message>
        <source>Edit message</source>
        <translation>Nachricht bearbeiten</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>Neu antworten</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Version before</source>
        <translation>Vorherige Version</translation>
    </message>
    <message>
        <source>%1/%2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>Version %1 of %2</source>
        <translation>Version %1 von %2</translation>
    </message>
    <message>
        <source>Version after</source>
        <translation>Nächste Version</translation>
    </message>
</context>
<context>
    <name>millm</name>
    <message>
        <source>The data directory %1 cannot be written: %2. Changes are not kept until it can.</source>
        <translation>In das Datenverzeichnis %1 kann nicht geschrieben werden: %2. Bis dahin bleiben Änderungen nicht erhalten.</translation>
    </message>
    <message>
        <source>The value %1.</source>
        <translation>Der Wert %1.</translation>
    </message>
</context>
<context>
    <name>millm::App</name>
    <message>
        <source>%1 is downloaded and ready to load</source>
        <translation>%1 ist heruntergeladen und kann geladen werden</translation>
    </message>
    <message>
        <source>%1 is loaded</source>
        <translation>%1 ist geladen</translation>
    </message>
    <message>
        <source>%1 is unloaded</source>
        <translation>%1 ist entladen</translation>
    </message>
</context>
<context>
    <name>millm::Chat</name>
    <message>
        <source>Message copied</source>
        <translation>Nachricht kopiert</translation>
    </message>
    <message>
        <source>Code copied</source>
        <translation>Code kopiert</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Unterhaltung</translation>
    </message>
    <message>
        <source>Written to %1</source>
        <translation>Nach %1 geschrieben</translation>
    </message>
    <message>
        <source>The conversation is not kept: %1</source>
        <translation>Die Unterhaltung wird nicht aufbewahrt: %1</translation>
    </message>
</context>
<context>
    <name>millm::ChatTranscript</name>
    <message>
        <source>first after %1 s</source>
        <translation>erstes nach %1 s</translation>
    </message>
    <message>
        <source>context %1 of %2</source>
        <translation>Kontext %1 von %2</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>cut at the limit</source>
        <translation>an der Grenze abgeschnitten</translation>
    </message>
    <message>
        <source>stopped, the model was unloaded</source>
        <translation>angehalten, das Modell wurde entladen</translation>
    </message>
</context>
<context>
    <name>millm::ClientSnippets</name>
    <message>
        <source>Environment</source>
        <translation>Umgebung</translation>
    </message>
    <message>
        <source>curl</source>
        <translation>curl</translation>
    </message>
    <message>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <source>Node.js</source>
        <translation>Node.js</translation>
    </message>
    <message>
        <source>the model&apos;s name</source>
        <translation>Name des Modells</translation>
    </message>
</context>
<context>
    <name>millm::Closing</name>
    <message numerus="yes">
        <source>%Ln download(s)</source>
        <translation>
            <numerusform>%Ln Download</numerusform>
            <numerusform>%Ln Downloads</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is being loaded</source>
        <translation>%1 wird geladen</translation>
    </message>
    <message numerus="yes">
        <source>%Ln answer(s)</source>
        <translation>
            <numerusform>%Ln Antwort</numerusform>
            <numerusform>%Ln Antworten</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is served to other programs</source>
        <translation>%1 steht anderen Programmen zur Verfügung</translation>
    </message>
</context>
<context>
    <name>millm::ConversationList</name>
    <message>
        <source>Yesterday</source>
        <translation>Gestern</translation>
    </message>
</context>
<context>
    <name>millm::DownloadForm</name>
    <message>
        <source>That is neither a folder of this machine nor a model&apos;s page on the Hub.</source>
        <translation>Das ist weder ein Ordner auf diesem Rechner noch die Seite eines Modells auf dem Hub.</translation>
    </message>
</context>
<context>
    <name>millm::Gathering</name>
    <message numerus="yes">
        <source>%Ln model(s), %1, are in another folder.</source>
        <translation>
            <numerusform>%Ln Modell, %1, liegt in einem anderen Ordner.</numerusform>
            <numerusform>%Ln Modelle, %1, liegen in einem anderen Ordner.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::HubSearch</name>
    <message>
        <source>size unknown</source>
        <translation>Größe unbekannt</translation>
    </message>
    <message>
        <source>%1 params</source>
        <translation>%1 Parameter</translation>
    </message>
    <message>
        <source>at least %1 memory</source>
        <translation>mindestens %1 Speicher</translation>
    </message>
    <message>
        <source>licence unknown</source>
        <translation>Lizenz unbekannt</translation>
    </message>
    <message>
        <source>Fits</source>
        <translation>Passt</translation>
    </message>
    <message>
        <source>Too large</source>
        <translation>Zu groß</translation>
    </message>
    <message>
        <source>Not known before a preview whether it is supported</source>
        <translation>Ob es unterstützt wird, zeigt erst die Vorschau</translation>
    </message>
    <message>
        <source>Not supported: %1</source>
        <translation>Nicht unterstützt: %1</translation>
    </message>
    <message>
        <source>gated</source>
        <translation>geschützt</translation>
    </message>
    <message>
        <source>Offline: the Hub is not searched (HF_HUB_OFFLINE).</source>
        <translation>Offline: Der Hub wird nicht durchsucht (HF_HUB_OFFLINE).</translation>
    </message>
    <message>
        <source>Searching the Hub…</source>
        <translation>Der Hub wird durchsucht …</translation>
    </message>
    <message>
        <source>The Hub has no model for “%1”.</source>
        <translation>Auf dem Hub gibt es kein Modell zu „%1“.</translation>
    </message>
    <message>
        <source>1 model found</source>
        <translation>1 Modell gefunden</translation>
    </message>
    <message numerus="yes">
        <source>%Ln models found</source>
        <translation>
            <numerusform>%Ln Modell gefunden</numerusform>
            <numerusform>%Ln Modelle gefunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln downloads</source>
        <translation>
            <numerusform>%Ln Download</numerusform>
            <numerusform>%Ln Downloads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln likes</source>
        <translation>
            <numerusform>%Ln Like</numerusform>
            <numerusform>%Ln Likes</numerusform>
        </translation>
    </message>
    <message>
        <source>quantized with %1</source>
        <translation>mit %1 quantisiert</translation>
    </message>
</context>
<context>
    <name>millm::InstanceLock</name>
    <message>
        <source>miLLM is already running with the data directory %1 (process %2).</source>
        <translation>miLLM läuft bereits mit dem Datenverzeichnis %1 (Prozess %2).</translation>
    </message>
</context>
<context>
    <name>millm::Language</name>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
</context>
<context>
    <name>millm::LoadForm</name>
    <message>
        <source>It takes %1 of %2 that are free.</source>
        <translation>Es belegt %1 von %2, die frei sind.</translation>
    </message>
    <message>
        <source>Warning: Model requires ~%1 VRAM, only %2 available. Loading may fail or cause system instability.</source>
        <translation>Achtung: Das Modell benötigt etwa %1 VRAM, verfügbar sind nur %2. Das Laden kann fehlschlagen oder das System instabil machen.</translation>
    </message>
    <message>
        <source>Warning: Model requires ~%1 memory, only %2 available. Loading may fail or cause system instability.</source>
        <translation>Achtung: Das Modell benötigt etwa %1 Arbeitsspeicher, verfügbar sind nur %2. Das Laden kann fehlschlagen oder das System instabil machen.</translation>
    </message>
    <message>
        <source>%1 is unloaded first, which frees %2.</source>
        <translation>%1 wird vorher entladen, das macht %2 frei.</translation>
    </message>
    <message>
        <source>GPU %1</source>
        <translation>GPU %1</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Weights %1</source>
        <translation>Gewichte %1</translation>
    </message>
    <message>
        <source>KV cache %1</source>
        <translation>KV-Cache %1</translation>
    </message>
    <message>
        <source>Workspace %1</source>
        <translation>Arbeitsbereich %1</translation>
    </message>
    <message>
        <source>GPU&apos;s own %1</source>
        <translation>GPU selbst %1</translation>
    </message>
    <message>
        <source>Engine %1</source>
        <translation>Engine %1</translation>
    </message>
    <message>
        <source>Free %1</source>
        <translation>Frei %1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln tokens, %1 of memory</source>
        <translation>
            <numerusform>%Ln Token, %1 Speicher</numerusform>
            <numerusform>%Ln Tokens, %1 Speicher</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>millm::LocalForm</name>
    <message>
        <source>%1 added</source>
        <translation>%1 hinzugefügt</translation>
    </message>
</context>
<context>
    <name>millm::LogList</name>
    <message>
        <source>Debug</source>
        <translation>Debug</translation>
    </message>
    <message>
        <source>Info</source>
        <translation>Info</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
</context>
<context>
    <name>millm::ModelList</name>
    <message>
        <source>%1 on disk</source>
        <translation>%1 auf der Festplatte</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1 removed from the list; its files stay</source>
        <translation>%1 aus der Liste entfernt; die Dateien bleiben</translation>
    </message>
    <message>
        <source>%1 deleted</source>
        <translation>%1 gelöscht</translation>
    </message>
    <message>
        <source>No program of this machine opens %1</source>
        <translation>Kein Programm auf diesem Rechner öffnet %1</translation>
    </message>
    <message>
        <source>Name copied: %1</source>
        <translation>Name kopiert: %1</translation>
    </message>
    <message>
        <source>Copied: %1</source>
        <translation>Kopiert: %1</translation>
    </message>
    <message>
        <source>Hello!</source>
        <translation>Hallo!</translation>
    </message>
    <message>
        <source>Once upon a time</source>
        <translation>Es war einmal</translation>
    </message>
    <message>
        <source>Endpoint copied: %1</source>
        <translation>Endpunkt kopiert: %1</translation>
    </message>
    <message>
        <source>curl line copied</source>
        <translation>curl-Zeile kopiert</translation>
    </message>
</context>
<context>
    <name>millm::PreviewView</name>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>not given</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>Free now: %1 memory, %2 disk</source>
        <translation>Zurzeit frei: %1 Arbeitsspeicher, %2 Speicherplatz</translation>
    </message>
</context>
<context>
    <name>millm::RequestList</name>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Verlassen</translation>
    </message>
    <message>
        <source>This window</source>
        <translation>Dieses Fenster</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
</context>
<context>
    <name>millm::SchemeList</name>
    <message>
        <source>saves %1</source>
        <translation>spart %1</translation>
    </message>
    <message>
        <source>%1 disk</source>
        <translation>%1 Platz</translation>
    </message>
    <message>
        <source>%1 memory</source>
        <translation>%1 Speicher</translation>
    </message>
    <message>
        <source>Fits</source>
        <translation>Passt</translation>
    </message>
    <message>
        <source>Too little memory</source>
        <translation>Zu wenig Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Too little disk space</source>
        <translation>Zu wenig Speicherplatz</translation>
    </message>
    <message>
        <source>Q4 (4-bit) - Recommended</source>
        <translation>Q4 (4 Bit) – empfohlen</translation>
    </message>
    <message>
        <source>Q8 (8-bit)</source>
        <translation>Q8 (8 Bit)</translation>
    </message>
    <message>
        <source>FP16 (Full Precision)</source>
        <translation>FP16 (volle Genauigkeit)</translation>
    </message>
</context>
<context>
    <name>millm::ServerControls</name>
    <message>
        <source>A port is a number from 1 to 65535.</source>
        <translation>Ein Port ist eine Zahl von 1 bis 65535.</translation>
    </message>
    <message>
        <source>With other machines let in, a key is needed: everybody on the network could use this one.</source>
        <translation>Bei Zugriff von anderen Rechnern ist ein Schlüssel nötig: Sonst könnte jeder im Netzwerk diesen Rechner nutzen.</translation>
    </message>
    <message>
        <source>A key is letters, digits and signs without blanks.</source>
        <translation>Ein Schlüssel besteht aus Buchstaben, Ziffern und Zeichen ohne Leerzeichen.</translation>
    </message>
    <message>
        <source>%1 by %2</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>die Adresse</translation>
    </message>
    <message>
        <source>the port</source>
        <translation>der Port</translation>
    </message>
    <message>
        <source>Set from outside: %1. What is changed here lasts until the program ends.</source>
        <translation>Von außen festgelegt: %1. Änderungen gelten bis zum Programmende.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln more key(s) with names of their own are accepted.</source>
        <translation>
            <numerusform>%Ln weiterer Schlüssel mit eigenem Namen wird angenommen.</numerusform>
            <numerusform>%Ln weitere Schlüssel mit eigenen Namen werden angenommen.</numerusform>
        </translation>
    </message>
    <message>
        <source>The server listens on port %1</source>
        <translation>Der Server ist an Port %1 erreichbar</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>millm::ServerPanel</name>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>does not serve</source>
        <translation>nicht aktiv</translation>
    </message>
    <message>
        <source>serving for %1</source>
        <translation>aktiv seit %1</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Verbindungen</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>none is loaded</source>
        <translation>keines geladen</translation>
    </message>
    <message>
        <source>%1 on %2, %3</source>
        <translation>%1 auf %2, %3</translation>
    </message>
    <message>
        <source>Requests at work</source>
        <translation>Anfragen in Arbeit</translation>
    </message>
    <message>
        <source>Memory of requests</source>
        <translation>Speicher der Anfragen</translation>
    </message>
    <message>
        <source>%1, %2 kept from earlier ones</source>
        <translation>%1, von früheren behalten: %2</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>Datenbank</translation>
    </message>
    <message>
        <source>answers</source>
        <translation>antwortet</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>antwortet nicht</translation>
    </message>
    <message>
        <source>Hub</source>
        <translation>Hub</translation>
    </message>
    <message>
        <source>not asked: offline mode</source>
        <translation>nicht gefragt: Offline-Modus</translation>
    </message>
    <message>
        <source>fails: the circuit breaker is open, asked again in %1</source>
        <translation>gestört: Schutzschalter offen, nächste Anfrage in %1</translation>
    </message>
    <message>
        <source>the circuit breaker is closed</source>
        <translation>erreichbar: Schutzschalter geschlossen</translation>
    </message>
    <message>
        <source>your key</source>
        <translation>API-Schlüssel</translation>
    </message>
    <message>
        <source>%1, waiting for memory: %2</source>
        <translation>%1, auf Speicher warten: %2</translation>
    </message>
</context>
<context>
    <name>millm::ServerState</name>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Serving</source>
        <translation>Aktiv</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>The HTTP server does not run.</source>
        <translation>Der HTTP-Server läuft nicht.</translation>
    </message>
    <message>
        <source>The HTTP server is starting.</source>
        <translation>Der HTTP-Server startet.</translation>
    </message>
    <message>
        <source>Clients reach this program at %1</source>
        <translation>Clients erreichen dieses Programm unter %1</translation>
    </message>
</context>
<context>
    <name>millm::SettingsForm</name>
    <message>
        <source>None</source>
        <translation>Keines</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Folder of downloaded models</source>
        <translation>Ordner für heruntergeladene Modelle</translation>
    </message>
    <message>
        <source>For new downloads; models that are there already stay where they are.</source>
        <translation>Für neue Downloads; vorhandene Modelle bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Quantization of downloads</source>
        <translation>Quantisierung beim Herunterladen</translation>
    </message>
    <message>
        <source>What the form for downloads begins with.</source>
        <translation>Vorauswahl im Formular zum Herunterladen.</translation>
    </message>
    <message>
        <source>Model loaded at the start</source>
        <translation>Beim Start geladenes Modell</translation>
    </message>
    <message>
        <source>Minutes after which an unused model is unloaded</source>
        <translation>Minuten, nach denen ein unbenutztes Modell entladen wird</translation>
    </message>
    <message>
        <source>0 keeps it.</source>
        <translation>Bei 0 bleibt es geladen.</translation>
    </message>
    <message>
        <source>Load models that requests name</source>
        <translation>In Anfragen genannte Modelle laden</translation>
    </message>
    <message>
        <source>A request for another ready model loads it in place of the one in memory.</source>
        <translation>Eine Anfrage nach einem anderen bereiten Modell lädt dieses anstelle des geladenen.</translation>
    </message>
    <message>
        <source>Hugging Face Hub</source>
        <translation>Hugging Face Hub</translation>
    </message>
    <message>
        <source>Address of the Hub</source>
        <translation>Adresse des Hubs</translation>
    </message>
    <message>
        <source>Of a mirror, for example.</source>
        <translation>Zum Beispiel die eines Spiegelservers.</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Offline</translation>
    </message>
    <message>
        <source>Never asks the network; what the Hub&apos;s own cache on this machine has can still be added.</source>
        <translation>Greift nie auf das Netz zu; Inhalte des Hub-Caches auf diesem Rechner lassen sich weiterhin hinzufügen.</translation>
    </message>
    <message>
        <source>Computing</source>
        <translation>Berechnung</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Automatic: a GPU where one is usable</source>
        <translation>Automatisch: GPU, falls nutzbar</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>GPU (CUDA)</source>
        <translation>GPU (CUDA)</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>0 takes the cores that miLLM may use.</source>
        <translation>0 nimmt alle Kerne, die miLLM nutzen darf.</translation>
    </message>
    <message>
        <source>Compute type</source>
        <translation>Rechentyp</translation>
    </message>
    <message>
        <source>Automatic: the checkpoint&apos;s 16-bit type</source>
        <translation>Automatisch: 16-Bit-Typ des Checkpoints</translation>
    </message>
    <message>
        <source>Quantized weights on the CPU</source>
        <translation>Quantisierte Gewichte auf der CPU</translation>
    </message>
    <message>
        <source>Fast: what they are multiplied with is rounded to 16 bits</source>
        <translation>Schnell: der andere Faktor wird auf 16 Bit gerundet</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>Exakt</translation>
    </message>
    <message>
        <source>Memory of requests (KV cache), MiB</source>
        <translation>Speicher der Anfragen (KV-Cache), MiB</translation>
    </message>
    <message>
        <source>0 takes half of what is free once the model is loaded, nine tenths on a GPU.</source>
        <translation>0 nimmt die Hälfte dessen, was nach dem Laden frei ist, auf einer GPU neun Zehntel.</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Size of texts and controls</source>
        <translation>Größe von Texten und Bedienelementen</translation>
    </message>
    <message>
        <source>As the system has it</source>
        <translation>Wie im System</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Info</source>
        <translation>Info</translation>
    </message>
    <message>
        <source>Debug</source>
        <translation>Debug</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Warnungen und Fehler</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Folder of the database</source>
        <translation>Ordner der Datenbank</translation>
    </message>
    <message>
        <source>What is in the present one stays there: the other one begins empty.</source>
        <translation>Der Inhalt des bisherigen bleibt dort: Der andere beginnt leer.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>system: what HTTPS_PROXY and its like say; none; or an address, such as http://proxy.example:3128.</source>
        <translation>system: was HTTPS_PROXY und Verwandte sagen; none: keiner; oder eine Adresse wie http://proxy.example:3128.</translation>
    </message>
    <message>
        <source>Bandwidth of downloads, MB a second</source>
        <translation>Bandbreite der Downloads, MB pro Sekunde</translation>
    </message>
    <message>
        <source>0 takes all there is.</source>
        <translation>0 nimmt, was da ist.</translation>
    </message>
    <message>
        <source>Keep running in the tray</source>
        <translation>Im Infobereich weiterlaufen</translation>
    </message>
    <message>
        <source>Closing the window leaves the program in the tray, where the desktop has one; Ctrl+Q ends it.</source>
        <translation>Wird das Fenster geschlossen, bleibt das Programm im Infobereich, wo der Desktop einen hat; Strg+Q beendet es.</translation>
    </message>
    <message>
        <source>Start with the system</source>
        <translation>Mit dem System starten</translation>
    </message>
    <message>
        <source>When you log in.</source>
        <translation>Bei der Anmeldung.</translation>
    </message>
</context>
<context>
    <name>millm::SettingsGroup</name>
    <message>
        <source>Takes effect at once.</source>
        <translation>Sofort wirksam.</translation>
    </message>
    <message>
        <source>Takes effect when a model is loaded next.</source>
        <translation>Wirksam ab dem nächsten Laden eines Modells.</translation>
    </message>
    <message>
        <source>Takes effect when miLLM starts next.</source>
        <translation>Wirksam ab dem nächsten Start von miLLM.</translation>
    </message>
    <message>
        <source>Takes effect when you log in next.</source>
        <translation>Wirksam ab der nächsten Anmeldung.</translation>
    </message>
</context>
<context>
    <name>millm::SystemStatus</name>
    <message>
        <source>%1°C</source>
        <translation>%1&#xa0;°C</translation>
    </message>
</context>
</TS>
