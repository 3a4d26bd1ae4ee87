"""Words of questionnaires in headers, and filler words, in every language that is read."""

from __future__ import annotations

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
FOREIGN_FILLERS = frozenset((
    *("der", "die", "das", "des", "dem", "den", "von", "zu", "und", "im", "am", "fur", "ihr", "ihre", "sie"),
    *("welche", "wie", "was", "el", "la", "lo", "del", "de", "y", "en", "su", "para", "que", "cual", "una", "un"),
    *("le", "du", "et", "ou", "votre", "vo", "au", "aux", "pour", "vous", "quel", "quelle", "est", "d", "l", "une"),
    *("summe", "gesamt", "gesamtwert", "suma", "puntuacion", "puntaje", "somme", "totaal"),
    *("los", "las", "les", "vos", "sus", "het", "een", "van", "uw", "op", "welke", "bent", "u"),
))  # fmt: skip
