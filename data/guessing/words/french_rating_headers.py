"""FRENCH_RATING_HEADERS: French headers of wishes, ratings and conflicts.

A key is as in :data:`attune_fit.data.guessing.words.header_clues.HEADER_WORDS`.
"""

from __future__ import annotations

FRENCH_RATING_HEADERS: dict[str, tuple[str, ...]] = {
    "attribute": (
        "attribut", "caracteristique", "caracteristique therapeute", "critere", "critere souhaite",
        "categorie preference", "type preference", "type de preference", "type souhait", "preference sur",
        "preference concernant", "souhait concernant", "concernant", "porte sur",
    ),
    "attribute?": ("categorie", "sujet", "champ"),
    "value": (
        "souhait", "valeur", "valeur souhaitee", "valeur preferee", "souhaite", "choix prefere", "voeu", "prefere",
        "modalite souhaitee",
    ),
    "value?": ("option", "reponse", "precision", "demande", "choix"),
    "strength": (
        "force", "force preference", "force du souhait", "importance accordee", "niveau importance",
        "degre importance", "intensite", "poids", "priorite", "a quel point est ce important", "est ce important",
        "obligatoire ou souhaite", "exigence", "necessite",
    ),
    "strength?": ("niveau", "degre", "rang", "caractere", "obligatoire", "exige"),
    "session": (
        "seance", "numero seance", "no seance", "n seance", "rencontre", "seance no", "seance n", "seance numero",
        "num seance", "nro seance", "nb seance", "no de la seance", "numero de la seance", "rencontre no",
        "rencontre n", "no rencontre", "numero rencontre", "num rencontre", "n rencontre", "rdv no", "no rdv",
        "numero rdv", "num rdv", "no rendez vous", "numero rendez vous", "numero entretien", "no entretien",
        "consultation no", "numero consultation", "no consultation", "no visite", "numero visite", "quelle seance",
    ),
    "session?": (
        "rdv", "rendez vous", "entretien", "consultation", "visite", "temps", "temps mesure", "temps de mesure",
        "semaine", "no semaine", "passation", "s",
    ),
    "measured_on": (
        "date seance", "horodateur", "date de la seance", "seance du", "seance le", "date rencontre",
        "date de la rencontre", "date rdv", "date rendez vous", "date du rendez vous", "date entretien",
        "date consultation", "date visite", "date evaluation", "date de l evaluation", "evalue le", "date mesure",
        "date de mesure", "mesure le", "date passation", "date de passation", "passation le", "date questionnaire",
        "date du questionnaire", "date echelle", "date reponse", "date de reponse", "repondu le", "rempli le",
        "rempli", "remplie le", "date remplissage", "complete le", "complete", "date completion", "date de completion",
        "soumis le", "date soumission", "soumission", "date et heure", "dateheure", "administre le",
        "date administration", "cote le", "date cotation", "date formulaire", "date du jour",
    ),
    "measured_on?": ("jour", "date saisie", "saisi le", "date envoi", "envoye le", "date contact", "date suivi"),
    "instrument": (
        "echelle", "instrument mesure", "instrument utilise", "nom questionnaire", "nom instrument", "nom echelle",
        "nom du questionnaire", "type questionnaire", "outil mesure", "outil utilise", "nom test", "type formulaire",
        "echelle utilisee", "type echelle",
    ),
    "instrument?": ("mesure", "formulaire", "outil", "inventaire"),
    "rater": (
        "evaluateur", "repondant", "evalue par", "evaluatrice", "evalue par qui", "cote par", "coteur", "rempli par",
        "remplie par", "complete par", "completee par", "repondu par", "repondante", "type repondant", "informateur",
        "informatrice", "qui repond", "qui a repondu", "qui a rempli", "qui evalue", "point vue", "note par",
    ),
    "rater?": ("auteur", "saisi par", "juge"),
    "score": (
        "score global", "score moyen", "score somme", "score brut", "score composite", "note totale", "note globale",
        "note moyenne", "pointage total", "alliance totale", "alliance moyenne", "alliance therapeutique",
        "alliance therapeutique total", "alliance therapeutique score", "score alliance", "alliance de travail",
        "total alliance", "moyenne alliance", "moyenne wai", "moyenne totale",
    ),
    "score?": (
        "resultat", "note", "valeur", "appreciation", "appreciation globale", "satisfaction seance",
        "evaluation seance", "relation therapeutique", "pointage", "cote alliance",
    ),
    "goal": (
        "accord buts", "accord sur les buts", "accord objectifs", "accord sur les objectifs", "entente sur les buts",
        "entente objectifs", "sous echelle buts", "sous echelle objectifs", "echelle buts", "alliance buts",
        "alliance objectifs",
    ),
    "task": (
        "accord taches", "accord sur les taches", "entente sur les taches", "sous echelle taches", "echelle taches",
        "alliance taches",
    ),
    "bond": (
        "lien affectif", "lien therapeutique", "lien emotionnel", "sous echelle lien", "echelle lien", "alliance lien",
        "attachement lien",
    ),
    "dropped_out": (
        "abandon", "abandonne", "a abandonne", "abandon therapie", "abandon traitement", "abandon suivi",
        "abandon de la therapie", "abandon du suivi", "abandon premature", "abandon oui non", "arret premature",
        "arret therapie", "arret suivi", "arret anticipe", "arret precoce", "fin prematuree", "fin precoce",
        "fin anticipee", "interruption therapie", "interruption suivi", "interruption prematuree", "a interrompu",
        "cessation prematuree", "desengagement", "rupture therapeutique", "rupture de suivi",
    ),
    "dropped_out?": ("interruption", "desistement", "perdu de vue", "rupture", "arret", "decrochage"),
    "reason": (
        "raison", "motif", "conflit", "type conflit", "type de conflit", "raison conflit", "motif conflit",
        "conflit interet", "conflit d interet", "motif exclusion", "raison exclusion", "motif incompatibilite",
        "incompatibilite", "pourquoi", "explication", "type relation", "lien", "nature du lien",
    ),
    "reason?": ("remarque", "commentaire", "precision"),
}  # fmt: skip
