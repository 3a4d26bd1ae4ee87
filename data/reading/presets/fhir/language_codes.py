"""Languages of people, as the codes that clients and therapists share."""

from __future__ import annotations

import re

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.reading.presets.fhir.fhir_elements import Element, find_text, list_elements

# ISO 639-2 has three letters where BCP 47 has two; and usual English names, where a file has no code
_OTHER_NAMES = {
    "en": ("eng", "english"),
    "es": ("spa", "spanish"),
    "zh": ("zho", "chi", "chinese"),
    "vi": ("vie", "vietnamese"),
    "tl": ("tgl", "tagalog"),
    "ko": ("kor", "korean"),
    "ar": ("ara", "arabic"),
    "ru": ("rus", "russian"),
    "fr": ("fra", "fre", "french"),
    "de": ("deu", "ger", "german"),
    "pt": ("por", "portuguese"),
    "pl": ("pol", "polish"),
    "it": ("ita", "italian"),
    "ja": ("jpn", "japanese"),
    "hi": ("hin", "hindi"),
    "ur": ("urd", "urdu"),
    "fa": ("fas", "per", "persian", "farsi"),
    "he": ("heb", "hebrew"),
    "nl": ("nld", "dut", "dutch"),
    "tr": ("tur", "turkish"),
    "uk": ("ukr", "ukrainian"),
    "so": ("som", "somali"),
    "am": ("amh", "amharic"),
    "bn": ("ben", "bengali"),
    "pa": ("pan", "punjabi"),
    "el": ("ell", "gre", "greek"),
    "ht": ("hat", "haitian"),
    "ro": ("ron", "rum", "romanian"),
}
ALIASES = {other: code for code, others in _OTHER_NAMES.items() for other in (code, *others)}
SIGNED = "sgn"  # ISO 639-2 for sign languages: the region names which, as in sgn-US
_TAG = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]+)*$")


def normalize_language(concept: Element) -> str:
    """Return the code of a language: the first part of a BCP 47 tag, else the name; empty where it has neither.

    >>> normalize_language({"coding": [{"code": "en-US"}]}), normalize_language({"text": "Spanish"})
    ('en', 'es')
    """
    codings = list_elements(concept, "coding")
    for code in (find_text(coding, "code") for coding in codings):
        if _TAG.match(code):
            first = re.split("[-_]", code)[0]
            return normalize_code(code) if first == SIGNED else ALIASES.get(first, first)
    names = [*(find_text(coding, "display") for coding in codings), find_text(concept, "text")]
    name = normalize_code(next(filter(None, names), ""))
    return ALIASES.get(name, name)
