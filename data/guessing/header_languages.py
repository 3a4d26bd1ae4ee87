"""FOREIGN_WORDS: what clinics call each column in German, Spanish, French and Dutch; a new word is one more in its row.

A key is a canonical column, for every table that has it, or a table and a column. Words are written without accents,
as they are compared (see :mod:`header_scores`).
"""

from __future__ import annotations

BIRTH_DATE = "birth_date"  # words for the date from which an age is computed
ANY_ID = "id"  # words for the id of the table's own people, which often mean something else
TOTAL_WORDS = (  # of a header with the total of a questionnaire, after its name
    *("total", "total score", "score", "mean", "mean score", "sum", "sum score", "overall", "gesamt", "gesamtwert"),
    *("summe", "summenwert", "mittelwert", "gesamtscore", "summenscore", "puntuacion", "puntuacion total", "puntaje"),
    *("media", "suma", "moyenne", "somme", "totaal", "totaalscore", "gemiddelde"),
)
SCALE_WORDS: dict[str, tuple[str, ...]] = {  # of a header with one scale of an alliance questionnaire
    "goal": ("goal", "ziel", "ziele", "objetivo", "meta", "but", "objectif", "doel", "doelen"),
    "task": ("task", "aufgabe", "aufgaben", "tarea", "tache", "taak", "taken"),
    "bond": ("bond", "bindung", "vinculo", "lien", "band"),
}

FOREIGN_WORDS: what clinics call each column in German, Spanish, French and Dutch; a new word is one more in its row.

A key is a canonical column, for every table that has it, or a table and a column. Words are written without accents,
as they are compared (see :mod:`header_scores`).
"""

from __future__ import annotations

BIRTH_DATE = "birth_date"  # words for the date from which an age is computed
ANY_ID = "id"  # words for the id of the table's own people, which often mean something else
TOTAL_WORDS = (  # of a header with the total of a questionnaire, after its name
    *("total", "total score", "score", "mean", "mean score", "sum", "sum score", "overall", "gesamt", "gesamtwert"),
    *("summe", "summenwert", "mittelwert", "gesamtscore", "summenscore", "puntuacion", "puntuacion total", "puntaje"),
    *("media", "suma", "moyenne", "somme", "totaal", "totaalscore", "gemiddelde"),
)
SCALE_WORDS: dict[str, tuple[str, ...]] = {  # of a header with one scale of an alliance questionnaire
    "goal": ("goal", "ziel", "ziele", "objetivo", "meta", "but", "objectif", "doel", "doelen"),
    "task": ("task", "aufgabe", "aufgaben", "tarea", "tache", "taak", "taken"),
    "bond": ("bond", "bindung", "vinculo", "lien", "band"),
}
OTHER_SCALES = frozenset((  # short names of questionnaires that are not about the alliance
    *("phq", "gad", "core", "oq", "bdi", "wsas", "dass", "ors", "iip", "ecr", "bsi", "scl", "hads", "pcl", "honos"),
    *("who", "madrs", "hamd", "stai", "rosenberg", "cgi", "gaf", "whodas", "eq", "edeq", "ybocs", "spin", "mdq"),
))  # fmt: skip

FOREIGN_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "German": {
        ANY_ID: ("kennung", "nummer", "kurzel"),
        "client_id": (
            *("chiffre", "patientin", "patientennummer", "patienten nr", "patienten id", "patientencode", "klient"),
            *("klientin", "klientennummer", "klienten nr", "klienten id", "klientencode", "fallnummer", "fall nr"),
            *("aktenzeichen", "probanden id"),
        ),
        "therapist_id": (
            *("therapeut", "therapeutin", "behandler", "behandlerin", "therapeuten id", "therapeutennummer"),
            *("therapeuten nr", "therapeutencode", "behandler id", "therapeutenkurzel", "behandlerkurzel"),
        ),
        "age": ("alter", "alter jahre"),
        BIRTH_DATE: ("geburtsdatum", "geb datum", "geburtstag", "geboren", "geburtsjahr", "jahrgang"),
        "gender": ("geschlecht",),
        "race_ethnicity": ("ethnie", "ethnische zugehorigkeit"),
        "languages": (
            *("sprache", "sprachen", "muttersprache", "muttersprache sprachen", "therapiesprache", "therapiesprachen"),
            *("gesprochene sprachen", "sprachkenntnisse"),
        ),
        "religion": ("konfession",),
        "payer": (
            *("kostentrager", "krankenkasse", "kasse", "versicherung", "krankenversicherung", "versicherungsart"),
            *("kostenubernahme", "abrechnung"),
        ),
        "payers": ("abrechnung", "kassen", "krankenkassen", "kostentrager", "kassenzulassung", "rechnet ab"),
        "formats": ("sitzungsform", "prasenz online", "durchfuhrung", "behandlungsform", "therapieformat"),
        "region": ("bundesland", "bezirk", "kanton", "landkreis"),
        "licensed_regions": ("bundesland", "zugelassen", "zulassung", "bezirke", "kantone", "bundeslander"),
        "referred_on": (
            *("anmeldedatum", "anmeldung", "angemeldet", "datum anmeldung", "uberweisungsdatum", "uberwiesen"),
            *("erstkontakt", "anfrage", "anfragedatum"),
        ),
        "intake_on": ("erstgesprach", "datum erstgesprach", "aufnahmedatum", "aufnahme", "zeitstempel"),
        "priority": ("dringlichkeit", "prioritat"),
        "presenting_problems": (
            *("probleme", "beschwerden", "anliegen", "diagnose", "diagnosen", "anmeldegrund", "vorstellungsgrund"),
            *("symptome", "problembereiche", "grund anmeldung"),
        ),
        "outcome_expectancy": ("therapieerwartung", "behandlungserwartung", "erfolgserwartung", "erwartung therapie"),
        "availability": (
            *("terminwunsche", "verfugbarkeit", "sprechzeiten", "zeiten", "zeitfenster", "wunschtermine"),
            *("arbeitszeiten", "freie zeiten", "verfugbare zeiten", "termine"),
        ),
        "specialties": (
            *("schwerpunkt", "schwerpunkte", "spezialisierung", "behandlungsschwerpunkte", "spezialgebiete"),
            *("fachgebiete", "behandelt"),
        ),
        "open_slots": (
            *("freie platze", "platze", "kapazitat", "freie therapieplatze", "therapieplatze", "offene platze"),
            *("platze frei",),
        ),
        "updated_on": ("zuletzt gepruft", "gepruft", "stand", "aktualisiert", "letzte aktualisierung"),
        "orientations": (
            *("verfahren", "therapieverfahren", "fachkunde", "therapierichtung", "ausrichtung", "methode", "methoden"),
        ),
        "years_experience": ("berufserfahrung", "berufserfahrung jahre", "jahre erfahrung", "berufsjahre", "erfahrung"),
        "age_groups": ("altersgruppe", "altersgruppen", "altersbereich"),
        "problems_not_taken": ("behandelt nicht", "nicht behandelt", "ausschlusse", "ausschluss", "nimmt nicht"),
        "session": ("sitzung", "sitzungsnummer", "sitzung nr", "sitzungsnr", "stunde", "stundennummer"),
        "measured_on": ("datum", "sitzungsdatum", "ausgefullt", "datum sitzung", "zeitstempel"),
        "instrument": ("fragebogen", "messinstrument"),
        "rater": ("beurteiler", "ausgefullt von"),
        "dropped_out": ("abbruch", "therapieabbruch", "abgebrochen"),
        "attribute": ("merkmal",),
        "value": ("wunsch", "wert"),
        "strength": ("wichtigkeit", "starke"),
        "reason": ("grund",),
    },
    "Spanish": {
        ANY_ID: ("codigo", "identificador", "numero"),
        "client_id": (
            *("historia", "no historia", "n historia", "numero historia", "historia clinica", "no historia clinica"),
            *("nhc", "paciente", "id paciente", "codigo paciente", "cliente", "id cliente", "codigo cliente"),
            *("expediente", "no expediente", "numero expediente", "usuario"),
        ),
        "therapist_id": (
            *("terapeuta", "id terapeuta", "codigo terapeuta", "psicologo", "psicologa", "profesional", "clinico"),
        ),
        "age": ("edad",),
        BIRTH_DATE: ("fecha nacimiento", "f nacimiento", "nacimiento", "f nac", "ano nacimiento"),
        "gender": ("sexo", "genero"),
        "race_ethnicity": ("etnia", "origen etnico"),
        "languages": ("idioma", "lengua"),
        "payer": ("seguro", "aseguradora", "mutua", "seguro medico", "financiacion", "forma pago", "prevision"),
        "payers": ("seguros", "aseguradoras", "mutuas", "convenios"),
        "formats": ("modalidad", "formato", "modalidad atencion", "tipo sesion"),
        "region": ("provincia", "comunidad", "comunidad autonoma", "distrito", "comuna"),
        "licensed_regions": ("colegiado", "colegiada", "colegiado en", "habilitado", "provincia"),
        "referred_on": (
            *("fecha derivacion", "derivacion", "fecha solicitud", "solicitud", "derivado", "fecha registro"),
        ),
        "intake_on": ("fecha ingreso", "primera visita", "primera entrevista", "fecha primera consulta", "acogida",
                      "marca temporal"),
        "priority": ("prioridad", "urgencia"),
        "presenting_problems": ("motivo consulta", "motivo", "problemas", "diagnostico",
                                ),
        "outcome_expectancy": ("expectativa", "expectativa mejora", "expectativas terapia"),
        "availability": ("disponibilidad", "horario", "horario disponible", "turnos"),
        "specialties": ("especialidad", "especialidades", "areas trabajo", "problemas trata"),
        "open_slots": ("plazas libres", "plazas", "plazas disponibles", "cupos", "cupos disponibles", "vacantes"),
        "updated_on": ("actualizado", "fecha actualizacion", "ultima actualizacion", "revisado"),
        "orientations": ("enfoque", "orientacion", "orientacion teorica", "corriente"),
        "years_experience": ("anos experiencia", "experiencia"),
        "age_groups": ("edades", "grupos edad", "rango edad"),
        "problems_not_taken": ("no atiende", "no trata", "exclusiones"),
        "session": ("sesion", "no sesion", "n sesion", "numero sesion"),
        "measured_on": ("fecha", "fecha sesion", "marca temporal"),
        "instrument": ("instrumento", "cuestionario", "escala"),
        "rater": ("evaluador", "informante"),
        "dropped_out": ("abandono",),
        "attribute": ("atributo",),
        "value": ("preferencia", "valor"),
        "strength": ("importancia",),
        "reason": ("motivo", "razon"),
    },
    "French": {
        ANY_ID: ("identifiant", "numero"),
        "client_id": (
            *("dossier", "numero dossier", "no dossier", "n dossier", "patiente", "numero patient"),
            *("identifiant patient", "identifiant client", "usager", "beneficiaire"),
        ),
        "therapist_id": (
            *("clinicien", "clinicienne", "therapeute", "psychologue", "intervenant", "intervenante", "praticien"),
            *("praticienne", "identifiant therapeute"),
        ),
        "age": ("quel age avez vous",),
        BIRTH_DATE: ("date naissance", "naissance", "ne le", "nee le", "annee naissance", "ddn"),
        "gender": ("genre", "sexe"),
        "race_ethnicity": ("origine ethnique",),
        "languages": ("langue", "langues parlees", "langue maternelle", "langue consultation"),
        "payer": ("payeur", "assurance", "assureur", "qui paie", "qui paie consultation", "mutuelle", "financement"),
        "payers": ("assurances", "mutuelles", "assureurs", "payeurs", "conventions"),
        "formats": ("modalite", "personne visio", "type seance", "mode consultation"),
        "region": ("departement", "province", "canton"),
        "licensed_regions": ("permis", "provinces", "departements"),
        "referred_on": ("date demande", "demande", "date orientation", "recu le", "date inscription", "date reference"),
        "intake_on": ("date accueil", "accueil", "premier rendez vous", "premier entretien", "date admission",
                      "horodateur"),
        "priority": ("priorite", "urgence"),
        "presenting_problems": ("motif consultation", "motif", "problemes",
                                "difficultes", "raison consultation"),
        "outcome_expectancy": ("attentes therapie", "pensez therapie aidera", "therapie aidera"),
        "availability": ("disponibilite", "horaire", "plages horaires", "creneaux"),
        "specialties": ("specialite", "domaines expertise", "champs expertise", "problematiques"),
        "open_slots": ("places libres", "places disponibles"),
        "updated_on": ("mis jour", "mise jour", "date mise jour", "verifie le"),
        "orientations": ("approche", "approche theorique"),
        "years_experience": ("annees experience", "annees pratique"),
        "age_groups": ("groupes age", "tranches age"),
        "problems_not_taken": ("ne prend pas", "ne traite pas", "ne recoit pas"),
        "session": ("seance", "numero seance", "no seance", "n seance", "rencontre"),
        "measured_on": ("date seance", "horodateur"),
        "instrument": ("echelle",),
        "rater": ("evaluateur", "repondant"),
        "dropped_out": ("abandon",),
        "value": ("souhait",),
        "reason": ("raison", "motif"),
    },
    "Dutch": {
        ANY_ID: ("nummer", "kenmerk"),
        "client_id": ("clientnr", "clientnummer", "client nr", "patientnr", "patientnummer", "dossiernummer"),
        "therapist_id": ("behandelaar", "hulpverlener", "psycholoog", "behandelaar id", "behandelaarcode"),
        "age": ("leeftijd",),
        BIRTH_DATE: ("geboortedatum", "geboortejaar"),
        "gender": ("geslacht",),
        "languages": ("taal", "talen", "voertaal", "moedertaal"),
        "payer": ("verzekeraar", "zorgverzekeraar", "verzekering"),
        "payers": ("verzekeraars", "zorgverzekeraars", "contracten"),
        "formats": ("vorm", "werkt via", "gespreksvorm"),
        "region": ("regio", "provincie", "gemeente"),
        "licensed_regions": ("regio", "provincies"),
        "referred_on": ("aanmelddatum", "aanmelding", "datum aanmelding", "verwijsdatum", "verwezen"),
        "intake_on": ("intakedatum", "datum intake", "tijdstempel"),
        "priority": ("prioriteit", "urgentie"),
        "presenting_problems": ("klachten", "aanmeldklachten", "problemen", "hulpvraag", "aanmeldreden"),
        "outcome_expectancy": ("verwachting therapie",),
        "availability": ("beschikbaarheid", "tijden", "werktijden", "beschikbaar"),
        "specialties": ("behandelt", "specialisatie", "aandachtsgebieden"),
        "open_slots": ("plekken", "vrije plekken", "open plekken", "plaatsen", "capaciteit"),
        "updated_on": ("bijgewerkt", "laatst bijgewerkt"),
        "orientations": ("stroming", "werkwijze"),
        "years_experience": ("ervaring", "jaren ervaring"),
        "age_groups": ("leeftijdsgroepen", "leeftijdsgroep"),
        "problems_not_taken": ("behandelt niet", "niet behandeld"),
        "session": ("sessie", "zitting", "sessienummer", "sessie nr"),
        "measured_on": ("datum", "meetdatum", "sessiedatum"),
        "instrument": ("vragenlijst",),
        "rater": ("beoordelaar",),
        "value": ("voorkeur", "wens"),
        "reason": ("reden",),
    },
}  # fmt: skip
FOREIGN_FILLERS = frozenset((
    *("der", "die", "das", "des", "dem", "den", "von", "zu", "und", "im", "am", "fur", "ihr", "ihre", "sie"),
    *("welche", "wie", "was", "el", "la", "lo", "del", "de", "y", "en", "su", "para", "que", "cual", "una", "un"),
    *("le", "du", "et", "ou", "votre", "vo", "au", "aux", "pour", "vous", "quel", "quelle", "est", "d", "l", "une"),
    *("het", "een", "van", "uw", "op", "welke", "bent", "u"),
))  # fmt: skip
