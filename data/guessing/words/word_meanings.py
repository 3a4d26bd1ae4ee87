"""WORD_MEANINGS: words in cells of clinics, and the canonical codes that they mean: one row for each column."""

from __future__ import annotations

from collections import Counter

_VIDEO, _IN_PERSON, _BOTH = ("video",), ("in person",), ("video", "in person")

WORD_MEANINGS: dict[str, tuple[dict[str, tuple[str, ...]], ...]] = {  # by column: families of words, each used together
    "gender": (  # letters: the family with the most letters of a column is used first
        {"F": ("woman",), "M": ("man",), "X": ("nonbinary",), "NB": ("nonbinary",)},
        {"W": ("woman",), "M": ("man",), "D": ("nonbinary",)},
        {"V": ("woman",), "M": ("man",), "X": ("nonbinary",)},
        {"F": ("woman",), "H": ("man",), "X": ("nonbinary",)},
        {"M": ("woman",), "H": ("man",), "X": ("nonbinary",)},
        {"Female": ("woman",), "Male": ("man",), "Non-binary": ("nonbinary",)},
        {"Nonbinary": ("nonbinary",), "Non binary": ("nonbinary",), "Enby": ("nonbinary",)},
        {"Women": ("woman",), "Men": ("man",)},
        {"Cis woman": ("woman",), "Cis man": ("man",)},
        {"Frau": ("woman",), "Mann": ("man",), "Divers": ("nonbinary",)},
        {"weiblich": ("woman",), "m\u00e4nnlich": ("man",), "divers": ("nonbinary",)},
        {"Mujer": ("woman",), "Hombre": ("man",), "No binario": ("nonbinary",), "Otro": ("nonbinary",)},
        {"femenino": ("woman",), "masculino": ("man",)},
        {"Femme": ("woman",), "Homme": ("man",), "Non binaire": ("nonbinary",), "Autre": ("nonbinary",)},
        {"f\u00e9minin": ("woman",), "masculin": ("man",)},
        {"Vrouw": ("woman",), "Man": ("man",), "Non-binair": ("nonbinary",)},
    ),
    "formats": (
        dict.fromkeys(
            ("Telehealth", "Online", "Virtual", "Remote", "Zoom", "Teletherapy", "Video call", "Video session"), _VIDEO
        ),
        dict.fromkeys(
            (
                *("Office", "Onsite", "On site", "Face to face", "Face-to-face", "In-person", "Clinic", "In office"),
                *("In clinic", "In the office"),
            ),
            _IN_PERSON,
        ),
        dict.fromkeys(("Either", "Both", "Hybrid", "Any", "No preference", "Flexible", "Video or in person"), _BOTH),
        {"Telephone": ("phone",), "Call": ("phone",), "Groups": ("group",)},
        {
            "Pr\u00e4senz": _IN_PERSON,
            "vor Ort": _IN_PERSON,
            "Videosprechstunde": _VIDEO,
            "per Video": _VIDEO,
            "beides": _BOTH,
            "Telefon": ("phone",),
            "telefonisch": ("phone",),
        },
        {
            "presencial": _IN_PERSON,
            "videollamada": _VIDEO,
            "en l\u00ednea": _VIDEO,
            "telem\u00e1tica": _VIDEO,
            "ambas": _BOTH,
            "ambos": _BOTH,
            "tel\u00e9fono": ("phone",),
        },
        {
            "En personne": _IN_PERSON,
            "Pr\u00e9sentiel": _IN_PERSON,
            "Visio": _VIDEO,
            "Visioconf\u00e9rence": _VIDEO,
            "En ligne": _VIDEO,
            "les deux": _BOTH,
            "T\u00e9l\u00e9phone": ("phone",),
        },
        {"praktijk": _IN_PERSON, "op locatie": _IN_PERSON, "beeldbellen": _VIDEO, "telefoon": ("phone",)},
    ),
    "priority": (
        dict.fromkeys(("High", "Emergency", "Crisis", "Immediate", "ASAP"), ("urgent",)),
        dict.fromkeys(("Medium", "Moderate", "Elevated"), ("soon",)),
        dict.fromkeys(("Low", "Normal", "Standard", "Non-urgent", "Not urgent"), ("routine",)),
        {"hoch": ("urgent",), "mittel": ("soon",), "niedrig": ("routine",)},
        {"alta": ("urgent",), "media": ("soon",), "baja": ("routine",)},
        {"\u00e9lev\u00e9e": ("urgent",), "moyenne": ("soon",), "faible": ("routine",)},
        {"hoog": ("urgent",), "gemiddeld": ("soon",), "laag": ("routine",)},
    ),
    "age_groups": (dict.fromkeys(("All", "All ages", "Any", "Any age", "alle", "todas", "tous"), ("0-110",)),),
    "rater": (
        dict.fromkeys(("Patient", "Self", "Service user", "Participant"), ("client",)),
        dict.fromkeys(("Clinician", "Provider", "Counselor", "Counsellor", "Staff"), ("therapist",)),
        dict.fromkeys(("Rater", "Independent", "Supervisor"), ("observer",)),
    ),
}
YES_NO_COLUMNS = ("lgbtq", "lgbtq_affirming", "dropped_out")
OWN_WORDS: dict[str, tuple[str, ...]] = {  # codes that need no translation, as further evidence of what a column is
    "gender": ("woman", "man", "nonbinary"),
    "formats": ("video", "in person", "phone", "group"),
    "languages": (
        *("english", "spanish", "french", "mandarin", "german", "portuguese", "arabic", "hindi", "russian", "korean"),
        *("italian", "vietnamese", "tagalog", "cantonese", "japanese", "polish", "turkish", "chinese", "farsi"),
        *("urdu", "punjabi", "bengali", "dutch", "ukrainian", "romanian", "hebrew", "somali", "asl"),
        *("deutsch", "englisch", "t\u00fcrkisch", "russisch", "franz\u00f6sisch", "arabisch", "polnisch", "spanisch"),
        *("italienisch", "portugiesisch", "albanisch", "serbisch", "ukrainisch"),
        *(
            "espa\u00f1ol",
            "castellano",
            "ingl\u00e9s",
            "catal\u00e1n",
            "valenciano",
            "gallego",
            "euskera",
            "franc\u00e9s",
        ),
        *("portugu\u00e9s", "alem\u00e1n", "fran\u00e7ais", "anglais", "espagnol", "arabe", "cr\u00e9ole", "allemand"),
        *("nederlands", "engels", "duits", "frans", "turks"),
    ),
    "religion": (
        *(
            "christian",
            "catholic",
            "protestant",
            "muslim",
            "jewish",
            "hindu",
            "buddhist",
            "atheist",
            "agnostic",
            "none",
        ),
        *("sikh", "spiritual", "other", "mormon", "orthodox"),
    ),
    "race_ethnicity": (
        *(
            "white",
            "black",
            "asian",
            "hispanic",
            "latino",
            "latina",
            "latinx",
            "multiracial",
            "native american",
            "other",
        ),
        *("african american", "caucasian", "pacific islander", "mixed", "indigenous", "middle eastern"),
    ),
}
STRENGTH_WORDS: dict[str, str] = {  # words in the brackets of a wish
    **dict.fromkeys(("must", "required", "require", "essential", "only", "needed", "need", "mandatory"), "must"),
    **dict.fromkeys(("prefer", "preferred", "would like", "nice to have", "ideally", "if possible", "wish"), "prefer"),
    **dict.fromkeys(("avoid", "rather not", "prefer not", "not preferred", "if possible not"), "avoid"),
    **dict.fromkeys(
        ("muss", "zwingend", "unbedingt", "obligatorio", "imprescindible", "obligatoire", "requis"), "must"
    ),
    **dict.fromkeys(
        ("bevorzugt", "gern", "gerne", "lieber", "wenn m\u00f6glich", "preferible", "si es posible"), "prefer"
    ),
    **dict.fromkeys(("de pr\u00e9f\u00e9rence", "pr\u00e9f\u00e9r\u00e9", "si possible", "liefst"), "prefer"),
    **dict.fromkeys(("lieber nicht", "mejor no", "plut\u00f4t pas", "liever niet"), "avoid"),
    **dict.fromkeys(("auf keinen fall", "nicht", "nunca", "jamais", "nooit"), "never"),
    **dict.fromkeys(("never", "not", "no", "must not", "exclude", "excluded", "refused"), "never"),
}
NUMBER_WORDS: dict[str, tuple[dict[str, int], ...]] = {  # words in columns of numbers, by column: families
    "open_slots": (
        dict.fromkeys(("full", "closed", "no openings", "not accepting"), 0),
        dict.fromkeys(("voll", "belegt"), 0),
        dict.fromkeys(("completo", "completa"), 0),
        dict.fromkeys(("complet", "complete"), 0),
        dict.fromkeys(("vol",), 0),
    ),
}


def choose_number_words(column: str, words: Counter[str]) -> dict[str, int]:
    """Return the number of each word of a column of numbers, in whole families of which a word occurs."""
    families = NUMBER_WORDS.get(column, ())
    used = [family for family in families if any(words[word] for word in family)]
    return {word: number for family in used for word, number in family.items()}


REFUSAL_WORDS = (  # answers that give no answer, besides those in `missing_words`
    *("declined", "declined to answer", "refused", "refused to answer", "prefer not to say", "prefer not to answer"),
    *(
        "no answer given",
        "keine antwort",
        "prefiero no decir",
        "pr\u00e9f\u00e8re ne pas r\u00e9pondre",
        "wil niet zeggen",
    ),
    *("did not answer", "no response", "skipped", "blank", "pending", "not asked", "rather not say", "don't know"),
)
MISSING_NUMBERS = (-1, -9, -99, -999, 77, 88, 98, 99, 777, 888, 998, 999, 9999)  # what forms often write for no answer
