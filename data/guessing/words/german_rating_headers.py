"""GERMAN_RATING_HEADERS: German headers of wishes, ratings and conflicts.

A key is as in :data:`attune_fit.data.guessing.words.header_clues.HEADER_WORDS`.
"""

from __future__ import annotations

GERMAN_RATING_HEADERS: dict[str, tuple[str, ...]] = {
    "attribute": (
        "merkmal", "merkmale", "eigenschaft", "therapeutenmerkmal", "wunschmerkmal", "wunsch art", "wunschkategorie",
        "praferenz art", "kriterium", "wunsch bezuglich", "betrifft", "worum geht es", "aspekt", "wunsch zu",
        "therapeuteneigenschaft",
    ),
    "attribute?": ("kategorie", "bereich", "art", "thema"),
    "value": (
        "wunsch", "wert", "wunsche", "wunschwert", "auspragung", "gewunscht", "gewunschter wert", "praferenz",
        "auswahl", "bevorzugt", "was gewunscht", "wunsch text",
    ),
    "value?": ("angabe", "antwort"),
    "strength": (
        "wichtigkeit", "starke", "starke des wunsches", "wunschstarke", "wichtig", "wie wichtig",
        "wie wichtig ist das", "wie wichtig ist ihnen das", "gewicht", "gewichtung", "verbindlichkeit",
        "dringlichkeit", "prioritat", "muss oder wunsch", "muss kann", "muss soll", "pflicht", "intensitat",
    ),
    "strength?": ("bedeutung", "grad", "stufe"),
    "session": (
        "sitzung", "sitzungsnummer", "sitzung nr", "sitzungsnr", "stunde", "stundennummer", "sitzungsnummer nr",
        "sitz nr", "sitz", "sitzungen", "stunden nr", "std nr", "termin nr", "terminnummer", "kontakt nr",
        "nr sitzung", "nr der sitzung", "nummer der sitzung", "therapiestunde", "therapiesitzung", "messung nr",
        "konsultation nr",
    ),
    "session?": (
        "termin", "zeitpunkt", "std", "stundenzahl", "sitzungszahl", "konsultation", "woche", "messung", "mzp",
        "messzeitpunkt", "therapiewoche",
    ),
    "measured_on": (
        "datum", "sitzungsdatum", "ausgefullt", "datum sitzung", "zeitstempel", "datum der sitzung", "datum stunde",
        "datum der stunde", "stundendatum", "messdatum", "messung am", "datum messung", "datum der messung",
        "datum der erhebung", "erhebungsdatum", "erhoben am", "erhebung", "befragungsdatum", "datum befragung",
        "testdatum", "datum test", "ausgefullt am", "ausfulldatum", "ausgefullt datum", "datum ausgefullt",
        "datum des ausfullens", "fragebogendatum", "datum fragebogen", "abgeschickt", "abgeschickt am",
        "datum abgeschickt", "eingereicht am", "eingegangen am", "antwortdatum", "bewertet am", "bewertung am",
        "datum bewertung", "behandlungsdatum", "termindatum", "datum termin", "sitzung am", "sitzung vom",
        "therapiedatum", "datum kontakt", "konsultationsdatum", "beantwortet am",
    ),
    "measured_on?": ("tag", "erfasst am", "erfassungsdatum", "datum gestartet", "dat"),
    "instrument": (
        "fragebogen", "messinstrument", "fragebogen name", "fragebogentyp", "messverfahren", "fragebogenart",
    ),
    "instrument?": ("verfahren", "bogen", "typ", "skala", "formular"),
    "rater": (
        "beurteiler", "ausgefullt von", "beurteilt von", "beurteilerin", "beurteilung durch", "beurteilerperspektive",
        "perspektive", "rating durch", "bewertet von", "bewertung durch", "bewerter", "eingeschatzt von",
        "einschatzung durch", "wer hat ausgefullt", "wer hat den bogen ausgefullt", "ausgefullt durch", "sichtweise",
        "befragte person",
    ),
    "rater?": ("quelle", "rolle", "sicht"),
    "score": (
        "gesamtpunktzahl", "punktzahl", "punktwert", "summenpunkte", "skalenwert", "gesamtmittelwert", "allianz",
        "allianzwert", "allianz gesamt", "allianz score", "therapeutische allianz", "arbeitsbundnis",
        "hilfreiche beziehung", "therapiebeziehung", "wai gesamt mittelwert", "wai mw", "mw gesamt", "gesamt mw",
    ),
    "score?": (
        "wert", "ergebnis", "punkte", "beziehungsqualitat", "rohwert", "haq gesamt", "stb gesamt",
        "therapeutische beziehung",
    ),
    "goal": (
        "zielubereinstimmung", "zielubereinkunft", "zielkonsens", "einigkeit ziele", "ubereinstimmung ziele",
        "einigung auf ziele", "ziel skala", "skala ziel", "skala ziele", "wai ziel mittelwert", "wai ziele mittelwert",
    ),
    "task": (
        "aufgabenubereinstimmung", "einigkeit aufgaben", "ubereinstimmung aufgaben", "aufgabenkonsens",
        "aufgaben skala", "skala aufgabe", "skala aufgaben", "wai aufgaben mittelwert",
    ),
    "bond": (
        "emotionale bindung", "affektive bindung", "bindungsskala", "skala bindung", "bindung skala",
        "wai bindung mittelwert", "therapeutische bindung",
    ),
    "dropped_out": (
        "abbruch", "therapieabbruch", "abgebrochen", "abbrecher", "abbruch therapie", "abbruch der therapie",
        "vorzeitiger abbruch", "vorzeitig beendet", "vorzeitige beendigung", "vorzeitiges ende",
        "vorzeitig abgebrochen", "therapie abgebrochen", "behandlungsabbruch", "abgebrochen ja nein",
        "dropout ja nein", "therapieabbruch ja nein",
    ),
    "dropped_out?": ("beendet", "ausgeschieden"),
    "reason": (
        "grund", "begrundung", "grunde", "ausschlussgrund", "konflikt", "konfliktgrund", "konfliktart",
        "art des konflikts", "interessenkonflikt", "befangenheit", "befangenheitsgrund", "warum", "ursache",
        "beziehung", "art der beziehung", "notiz",
    ),
    "reason?": ("bemerkung", "anmerkung", "kommentar", "hinweis"),
}  # fmt: skip
