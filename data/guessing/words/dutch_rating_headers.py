"""DUTCH_RATING_HEADERS: Dutch headers of wishes, ratings and conflicts.

A key is as in :data:`attune_fit.data.guessing.words.header_clues.HEADER_WORDS`.
"""

from __future__ import annotations

DUTCH_RATING_HEADERS: dict[str, tuple[str, ...]] = {
    "attribute": (
        "kenmerk", "kenmerken", "eigenschap", "attribuut", "voorkeur over", "voorkeur voor", "soort voorkeur",
        "type voorkeur", "soort wens", "wens over", "criterium", "betreft", "kenmerk therapeut", "kenmerk behandelaar",
    ),
    "attribute?": ("onderwerp", "gebied", "soort", "veld", "variabele", "over"),
    "value": (
        "voorkeur", "wens", "waarde", "voorkeuren", "wensen", "gewenste waarde", "gewenst", "gewenste",
        "voorkeurswaarde", "vraagt om",
    ),
    "value?": ("keuze", "optie", "antwoord", "invulling", "wil"),
    "strength": (
        "sterkte", "belang", "belangrijkheid", "hoe belangrijk", "hoe belangrijk is dit",
        "hoe belangrijk is dit voor u", "hoe sterk", "weging", "mate van belang", "verplicht of gewenst",
        "eis of wens", "eis wens", "must of wens", "prioriteit", "sterkte voorkeur", "sterkte wens", "zwaarte",
    ),
    "strength?": ("mate", "verplicht", "noodzaak"),
    "session": (
        "sessie", "zitting", "sessienummer", "sessie nr", "sessie no", "gesprek nr", "gespreksnummer",
        "gesprek nummer", "zittingsnummer", "zitting nr", "zittingnummer", "afspraak nr", "afspraaknummer",
        "consult nr", "consultnummer", "bezoek nr", "behandelsessie", "behandelsessie nr", "volgnummer sessie",
        "nummer sessie", "hoeveelste sessie", "welke sessie", "therapiesessie",
    ),
    "session?": (
        "gesprek", "afspraak", "consult", "bezoek", "meting", "meetmoment", "meetpunt", "weeknummer", "meting nr",
        "contactnummer", "sessie aantal", "contact nr",
    ),
    "measured_on": (
        "datum", "meetdatum", "sessiedatum", "meting datum", "datum meting", "datum van meting", "datum sessie",
        "datum van sessie", "sessie op", "datum zitting", "datum gesprek", "gespreksdatum", "datum afspraak",
        "afspraakdatum", "datum consult", "consultdatum", "datum afname", "afnamedatum", "afgenomen op", "ingevuld op",
        "ingevuld", "invuldatum", "datum ingevuld", "datum invullen", "datum van invullen", "datum vragenlijst",
        "vragenlijst datum", "ingediend", "ingediend op", "ingezonden op", "datum inzending", "voltooid op",
        "datum voltooid", "voltooid", "beantwoord op", "antwoorddatum", "beoordeeld op", "datum beoordeling",
        "datum tijd", "datum en tijd", "evaluatiedatum", "datum evaluatie", "behandeldatum", "scoredatum",
        "tijdstempel",
    ),
    "measured_on?": ("dag", "tijdstip", "registratiedatum", "datum registratie", "contactdatum", "datum contact"),
    "instrument": (
        "vragenlijst", "meetinstrument", "instrument naam", "naam vragenlijst", "naam instrument", "soort vragenlijst",
        "type vragenlijst", "testnaam", "meetlijst", "rom lijst", "rom instrument", "vragenlijstnaam",
        "meting instrument",
    ),
    "instrument?": ("lijst", "formulier", "soort", "schaal"),
    "rater": (
        "beoordelaar", "ingevuld door", "beoordeeld door", "score door", "gescoord door", "invuller", "perspectief",
        "wie vulde in", "wie heeft ingevuld", "door wie ingevuld", "wie beoordeelt", "type respondent",
        "soort respondent", "rol invuller",
    ),
    "rater?": ("bron", "versie"),
    "score": (
        "totale score", "eindscore", "somscore", "ruwe score", "gemiddelde score", "puntentotaal", "alliantie",
        "alliantiescore", "alliantie totaal", "alliantie gemiddelde", "werkalliantie", "werkalliantie score",
        "werkalliantie totaal", "therapeutische alliantie", "wav 12", "wav totaal", "wav 12 totaal", "wav gemiddelde",
        "wai gemiddelde score", "wai som", "srs som", "totaal wai", "totaal srs",
    ),
    "score?": (
        "waarde", "punten", "cijfer", "uitslag", "resultaat", "therapeutische relatie", "behandelrelatie",
        "werkrelatie", "sessiebeoordeling", "wav", "sessiescore",
    ),
    "goal": (
        "overeenstemming doelen", "overeenstemming over doelen", "doelovereenstemming", "subschaal doel",
        "subschaal doelen", "doel schaal", "wav doel", "wav doelen", "alliantie doel", "alliantie doelen",
    ),
    "task": (
        "overeenstemming taken", "overeenstemming over taken", "taakovereenstemming", "subschaal taak",
        "subschaal taken", "taak schaal", "wav taak", "wav taken", "alliantie taak", "alliantie taken",
    ),
    "bond": (
        "emotionele band", "affectieve band", "subschaal band", "band schaal", "wav band", "alliantie band",
        "therapeutische band", "binding",
    ),
    "dropped_out": (
        "uitval", "uitgevallen", "uitvaller", "afgebroken", "behandeling afgebroken", "therapie afgebroken",
        "voortijdig gestopt", "voortijdig beeindigd", "voortijdig afgebroken", "voortijdige beeindiging",
        "vroegtijdig gestopt", "vroegtijdig beeindigd", "vroegtijdig afgebroken", "eerder gestopt",
        "vroegtijdige uitval", "uitval ja nee", "afgehaakt", "afbreking", "therapie gestopt", "afhaker",
    ),
    "dropped_out?": ("gestopt", "afgesloten", "beeindigd"),
    "reason": (
        "reden", "redenen", "reden uitsluiting", "reden conflict", "reden niet koppelen", "soort conflict",
        "type conflict", "belangenconflict", "belangenverstrengeling", "waarom", "oorzaak", "uitleg", "relatie",
        "soort relatie", "uitsluiting", "motivatie", "uitsluitingsreden",
    ),
    "reason?": ("opmerking", "opmerkingen", "toelichting", "notitie"),
}  # fmt: skip
