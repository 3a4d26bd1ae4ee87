"""Words about tables: in names of files and sheets, of people and wishes in headers, and of other questionnaires."""

from __future__ import annotations

TABLE_NAME_WORDS: dict[str, tuple[str, ...]] = {  # words in names of files and sheets
    "clients": ("client", "intake", "patient", "referral", "waitlist", "participant", "person", "user", "case"),
    "therapists": ("therapist", "clinician", "provider", "roster", "staff", "counselor", "counsellor", "team"),
    "preferences": ("preference", "wish", "wishes"),
    "outcomes": (
        *("outcome", "rating", "wai", "srs", "alliance", "response", "session", "visit", "form", "survey", "feedback"),
        *("score", "measure"),
    ),
    "conflicts": ("conflict", "exclusion", "not match", "do not match", "dual relationship", "blocked"),
}
STATUS_WORDS = (
    *("status", "client status", "case status", "waiting", "stage", "state of case", "waitlist status"),
    *("estado", "situacion", "statut", "etat"),
)
THERAPIST_WORDS = frozenset(("therapist", "clinician", "provider", "counselor", "counsellor", "practitioner"))
WISH_WORDS = frozenset((
    *("wish", "wishe", "preference", "preferred", "prefer", "want", "wanted", "should"),
    *("preferencia", "prefiere", "souhait", "souhaite", "voorkeur", "wens"),
))  # fmt: skip
WISH_VERBS = frozenset(("prefer", "want", "wanted", "should"))  # `How do you want to meet?` is about the client alone
WISH_PARTS = ("wunsch", "wunsche")  # of words that German writes together
THERAPIST_PARTS = ("therapeut", "terapeut", "behandl", "therapeute", "clinicien", "psycholog")  # how such words begin
TABLE_NOUNS: dict[str, frozenset[str]] = {  # in headers of a table they mean nothing, except for ids
    "clients": frozenset(
        ("client", "patient", "participant", "intake", "person", "assessment", "baseline", "referral", "screening")
    ),
    "therapists": THERAPIST_WORDS | {"staff", "psychologist"},
}
FOREIGN_TABLE_WORDS: dict[str, tuple[str, ...]] = {  # words with which a name of a file or a sheet begins
    "clients": (
        *("klient", "anmeldung", "paciente", "solicitud", "demande", "usager", "aanmelding", "wachtlijst"),
        *("warteliste",),
    ),
    "therapists": (
        *("therapeut", "behandler", "equipo", "terapeuta", "psicologo", "equipe", "clinicien", "therapeute"),
        *("behandelaar", "mitarbeiter", "medewerker", "intervenant"),
    ),
    "preferences": ("wunsch", "wunsche", "preferencia"),
    "outcomes": (
        *("stundenbogen", "sitzung", "alianza", "sesion", "bilan", "seance", "sessie", "allianz", "alliantie"),
    ),
    "conflicts": ("konflikt", "ausschluss", "conflicto", "exclusione", "niet koppelen", "conflit"),
}
OTHER_SCALES = frozenset((  # short names of questionnaires that are not about the alliance
    *("phq", "gad", "core", "oq", "bdi", "wsas", "dass", "ors", "iip", "ecr", "bsi", "scl", "hads", "pcl", "honos"),
    *("who", "madrs", "hamd", "stai", "rosenberg", "cgi", "gaf", "whodas", "eq", "edeq", "ybocs", "spin", "mdq"),
))  # fmt: skip
LICENCE_TYPES = frozenset((  # in cells under `License`, where other clinics have regions
    *("lcsw", "licsw", "lmsw", "lmft", "lpc", "lpcc", "lmhc", "phd", "psyd", "md", "mft", "msw", "ma", "ms", "psy.d."),
    *("ph.d.", "rcc", "rsw", "associate", "intern", "provisional", "approbation", "hpc"),
))  # fmt: skip
