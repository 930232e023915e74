import type { ServerTexts } from './server-texts';

/** What the server says, in German. */
export const serverDe: ServerTexts = {
  sections: {
    camera: 'Kamera',
    preview: 'Livebild',
    encoder: 'Encoder',
    recording: 'Aufnahme',
    disk: 'Speicher',
    retention: 'Aufräumen',
    hooks: 'Aufrufe',
    mqtt: 'MQTT',
    'mqtt.homeAssistant': 'Home Assistant',
    server: 'Server',
    'server.tls': 'TLS',
  },
  fields: {
    'camera.id': {
      title: 'Kamera',
      description:
        'Eine Kennung aus der Liste der Kameras; auto nimmt die erste gefundene, sonst die synthetische.',
    },
    'camera.width': {
      title: 'Breite',
      description: 'Des aufgenommenen Bildes. Die Kamera passt sie an das an, was sie kann.',
    },
    'camera.height': { title: 'Höhe', description: 'Des aufgenommenen Bildes.' },
    'camera.fps': { title: 'Bildrate', description: 'Aufgenommene Bilder je Sekunde.' },
    'camera.sync': {
      title: 'Bilder im Gleichtakt',
      description:
        'Mit anderen Kameras am Raspberry Pi bei gleicher fester Rate: eine ist der Server, die anderen folgen ihr als Client. Nur wo libcamera SyncMode anbietet; auf echter Hardware noch nicht gelaufen.',
    },
    'preview.width': {
      title: 'Breite',
      description:
        'Des größten Livebildes; langsame Zuschauer bekommen die Hälfte oder ein Viertel.',
    },
    'preview.fps': {
      title: 'Bildrate',
      description: 'Höchstens so viele Bilder je Sekunde bekommt ein Zuschauer.',
    },
    'preview.quality': {
      title: 'JPEG-Qualität',
      description: 'Höher ist schärfer und braucht mehr Netz.',
    },
    'encoder.kind': {
      title: 'Encoder',
      description:
        'v4l2 ist die Hardware eines Pi Zero 2 W, 3 oder 4, bis 1080p30; auto nimmt sie, wo es sie gibt und sie passt.',
    },
    'encoder.bitrate': {
      title: 'Bitrate',
      description:
        'Des Hardware-Encoders; 0 richtet sich nach dem Bild: 3,9 bei 720p30, 8,7 bei 1080p30. Eine Stunde mit 4 sind 1,8 GB.',
    },
    'encoder.quality': {
      title: 'Constant Rate Factor',
      description: 'Des Software-Encoders: 18 ist fast verlustfrei, 23 gut, 30 klein.',
    },
    'encoder.preset': {
      title: 'Preset',
      description:
        'Des Software-Encoders: superfast passt zu einem Pi 5, ultrafast zu einem, der Bilder verliert; ein Laptop schafft veryfast mit kleineren Dateien.',
    },
    'encoder.threads': {
      title: 'Threads',
      description:
        'Des Software-Encoders: 1 schafft 1080p30 auf einem Pi 5 oder Laptop; für mehr 2 oder 3 nehmen und der Kamera einen Kern lassen.',
    },
    'encoder.gop': {
      title: 'Abstand der Schlüsselbilder',
      description:
        'Ein Abspielprogramm springt nur zu Schlüsselbildern; engere machen größere Dateien.',
    },
    'recording.nameTemplate': {
      title: 'Name',
      description:
        'Einer Aufnahme: {host}, {date}, {time} und jeder Schlüssel ihrer Metadaten, etwa {subject}.',
    },
    'recording.duration': {
      title: 'Dauer',
      description: 'Einer Aufnahme ohne eigene Angabe: 90s, 15m, 2h oder inf bis zum Beenden.',
    },
    'recording.container': {
      title: 'Dateiformat',
      description:
        'mp4 lässt sich überall öffnen; mkv ist ebenso sicher, mit Zeiten auf die Millisekunde; h264 ist der bloße Datenstrom, dessen Zeiten nur im Bildprotokoll stehen.',
    },
    'recording.segmentDuration': {
      title: 'Länge der Abschnitte',
      description:
        'Danach beginnt mit dem nächsten Schlüsselbild eine neue Datei, ohne dass ein Bild fehlt: 10m, 30m, oder inf für eine einzige Datei.',
    },
    'recording.segmentSize': {
      title: 'Größe der Abschnitte',
      description: 'Eine neue Datei beginnt auch, sobald eine so groß ist; 0 setzt keine Grenze.',
    },
    'recording.preRoll': {
      title: 'Vorlauf',
      description:
        'Eine Aufnahme beginnt mit dem, was so lange vorher zu sehen war; der Encoder läuft dann immer. 0 ist keiner.',
    },
    'recording.resume': {
      title: 'Nach einem Neustart fortsetzen',
      description:
        'Eine Aufnahme, die niemand beendet hat, geht in einer neuen Datei weiter, wenn das Programm oder das Gerät wieder startet.',
    },
    'disk.reserveMegabytes': {
      title: 'Reserve',
      description:
        'Eine Aufnahme endet sauber, wenn nicht mehr als dies oder der Anteil unten frei ist.',
    },
    'disk.reservePercent': {
      title: 'Reserve als Anteil',
      description: 'Des ganzen Datenträgers; der größere der beiden Werte gilt.',
    },
    'disk.warnHours': {
      title: 'Warnen unter',
      description:
        'Einmal je Aufnahme, wenn der Speicher bei ihrer Rate in kürzerer Zeit voll ist.',
    },
    'retention.keepDays': {
      title: 'Aufbewahren',
      description:
        'Eine Aufnahme, deren Kopie geprüft ist, wird so viele Tage danach entfernt; 0: nie.',
    },
    'retention.freeMegabytes': {
      title: 'Platz schaffen',
      description:
        'Ist weniger frei, werden Aufnahmen mit geprüfter Kopie entfernt, die älteste zuerst; 0: nie.',
    },
    'hooks.commands': {
      title: 'Programme',
      description:
        'Werden aufgerufen, wenn eine Aufnahme beginnt, ein Abschnitt fertig ist, sie endet, oder bei Fehlern.',
    },
    'hooks.webhooks': {
      title: 'Webhooks',
      description: 'Adressen, die dasselbe als JSON bekommen.',
    },
    'mqtt.url': {
      title: 'Broker',
      description: 'mqtt://broker.lab oder, mit TLS, mqtts://broker.lab; leer: kein MQTT.',
    },
    'mqtt.username': {
      title: 'Benutzer',
      description: 'Unter dem der Broker diesen Rechner kennt.',
    },
    'mqtt.passwordFile': {
      title: 'Datei mit dem Passwort',
      description: 'Ihre erste Zeile ist das Passwort; nur ihr Besitzer sollte sie lesen können.',
    },
    'mqtt.caFile': {
      title: 'Zertifizierungsstelle',
      description: 'Datei der Stelle (PEM), die das Zertifikat des Brokers unterschrieben hat.',
    },
    'mqtt.topicPrefix': {
      title: 'Topics',
      description: 'Womit alle Topics beginnen.',
    },
    'mqtt.homeAssistant.enabled': {
      title: 'Home Assistant',
      description: 'Zeigt diesen Monitor dort: ein Schalter, der aufnimmt, Zahlen, ein Bild.',
    },
    'mqtt.homeAssistant.discoveryPrefix': {
      title: 'Topics von Home Assistant',
      description: 'Womit die Topics beginnen, unter denen es nach Geräten sucht.',
    },
    'server.port': {
      title: 'Port',
      description: 'Wo Seite und Schnittstelle zu finden sind; 0 nimmt irgendeinen freien.',
    },
    'server.host': {
      title: 'Adresse',
      description: 'all für alle, oder eine Adresse dieses Rechners.',
    },
    'server.announce': {
      title: 'Bekannt geben',
      description:
        'mdns sagt dem Netz am Ort, dass hier ein Monitor ist; so finden ihn Steuerrechner.',
    },
    'server.allowFrom': {
      title: 'Bediente Netze',
      description:
        'Adressen oder Netze (192.0.2.0/24), die außer privaten und denen dieses Rechners bedient werden.',
    },
    'server.hostNames': {
      title: 'Weitere Rechnernamen',
      description: 'Namen, unter denen Browser diesen Rechner außer unter dem eigenen erreichen.',
    },
    'server.tls.cert': {
      title: 'Zertifikat',
      description: 'Datei mit der Kette in PEM; mit ihr spricht der Server nur HTTPS. Leer: HTTP.',
    },
    'server.tls.key': {
      title: 'Privater Schlüssel',
      description: 'Datei mit dem Schlüssel des Zertifikats in PEM.',
    },
    dataFolder: {
      title: 'Datenordner',
      description: 'Wo Aufnahmen und der Zustand dieses Rechners liegen.',
    },
  },
  problems: {
    malformed: 'Die Anfrage ist nicht lesbar',
    'invalid-value': 'Ein Wert ist nicht erlaubt',
    'unknown-field': 'Dieses Feld gibt es nicht',
    'name-invalid': 'Das kann kein Name sein',
    'too-large': 'Die Anfrage ist zu groß',
    'unsupported-type': 'Der Inhalt ist kein JSON',
    'range-not-satisfiable': 'Die Datei hat diesen Bereich nicht',
    'not-found': 'Nicht gefunden',
    'method-not-allowed': 'Das geht hier nicht',
    'recording-running': 'Eine Aufnahme läuft',
    'not-recording': 'Es läuft keine Aufnahme',
    'needs-restart': 'Die Kamera müsste neu starten',
    'camera-busy': 'Ein anderes Programm hat die Kamera',
    'camera-unknown': 'Diese Kamera gibt es nicht',
    'camera-lost': 'Die Kamera liefert nicht',
    'encoder-unavailable': 'Diesen Encoder gibt es nicht',
    'encoder-refused': 'Der Encoder lehnt diese Einstellungen ab',
    'encoder-failed': 'Der Encoder hat versagt',
    'disk-full': 'Der Speicher ist voll',
    'disk-gone': 'Der Datenträger ist weg',
    'disk-unwritable': 'Der Datenordner ist nicht beschreibbar',
    'converter-missing': 'Es gibt kein ffmpeg',
    'conversion-failed': 'Das Video lässt sich nicht umwandeln',
    'forbidden-address': 'Diese Adresse wird nicht bedient',
    'forbidden-host': 'Dieser Rechner heißt anders',
    'forbidden-origin': 'Eine andere Website darf das nicht',
    'not-settable-remotely': 'Über das Netz lässt sich das nicht setzen',
    unauthorised: 'Ein Passwort wird gebraucht',
    'forbidden-role': 'Diese Rolle darf das nicht',
    'streaming-off': 'Das Livebild ist abgeschaltet',
    'answer-forgotten': 'Dieser Aufruf kam schon einmal',
    'key-reused': 'Dieser Schlüssel galt einem anderen Aufruf',
    'key-unknown': 'Dieser Schlüssel ist hier nicht bekannt',
    'not-pairing': 'Es wird kein Code gezeigt',
    'code-wrong': 'Der Code ist falsch',
    unproved: 'Es weist sich nicht aus',
    'too-many-requests': 'Zu viele Anfragen',
    'identity-conflict': 'Zwei Maschinen melden sich als eine',
    'checksum-differs': 'Die Kopie ist nicht die gleiche',
    'upload-failed': 'Das Ziel hat es nicht angenommen',
    'clock-kept': 'Ein Zeitserver stellt die Uhr',
    'not-permitted': 'Der Dienst darf das nicht',
    'not-available': 'Dieser Rechner kann das nicht',
    unreachable: 'Die Gegenseite antwortet nicht',
    'not-hashed': 'Die Prüfsummen sind noch nicht bekannt',
    'not-transferred': 'Nicht von allem gibt es eine Kopie',
    expired: 'Der Befehl kam zu spät',
    'schedule-missed': 'Eine geplante Aufnahme wurde versäumt',
    'hook-failed': 'Ein Aufruf ist gescheitert',
    internal: 'Im Inneren ging etwas schief',
  },
  words: {
    ntp: 'Zeitserver',
    browser: 'von einem Gerät gestellt',
    manual: 'von Hand gestellt',
    unsynchronised: 'nicht gestellt',
    unknown: 'unbekannt',
    undervoltage: 'Unterspannung',
    'frequency-capped': 'Takt begrenzt',
    throttled: 'gedrosselt',
    'soft-temperature-limit': 'Temperaturgrenze',
  },
};
