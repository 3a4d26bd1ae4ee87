"""Attachment features: interactions of a client's relational style with a therapist's style or skill.

Each is a product of two z-scores, so that the main effect of neither side enters. All are hypotheses. Studies of
attachment pairings are small and disagree (46 dyads: no main effect, one interaction, Marmarosh 2014; 59 patients,
Petrowski 2011). So the weights are near zero, every direction is free, and the prior spread lets the clinic's outcomes
decide. The therapist's own attachment is not read. "High" and "low" mean above and below the typical value.
"""

from __future__ import annotations

from functools import partial

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs

COLUMN_NORMS: dict[str, tuple[float, float]] = {  # center and spread of each column; assumed unless a figure is named
    "attachment_avoidance": (3.2, 1.1),  # between students' norms (from memory) and the middle of the scale
    "attachment_anxiety": (3.6, 1.2),
    "interpersonal_problems": (1.4, 0.55),
    "warm_support_style": (2.0, 7.0),  # self-rated, so wider than clients' preferences (SD 5.5)
    "directiveness_style": (-2.0, 7.5),  # professionals want less directiveness than laypeople, g = .92
    "interpersonal_skill": (3.2, 0.6),
}


def compute_standardized_product(pairs: Pairs, client: str, therapist: str) -> Floats:
    """Return the product of the z-scores of a client column and a therapist column; NaN where either is unknown."""
    (client_center, client_scale), (center, scale) = COLUMN_NORMS[client], COLUMN_NORMS[therapist]
    client_z: Floats = (pairs.take_client_numbers(client) - client_center) / client_scale
    return client_z * ((pairs.take_therapist_numbers(therapist) - center) / scale)


def _row(name: str, client: str, therapist: str, quality: str, more: str, less: str) -> Feature:
    """Build the row of one product; the value shows only whether both are on the same side of typical."""
    return Feature(
        name,
        "attachment",
        "pair",
        (client,),
        (therapist,),
        partial(compute_standardized_product, client=client, therapist=therapist),
        "free",
        center=0.0,
        scale=1.0,
        text_above=f"the therapist {quality} than most and the client {more}, or both less so (a hypothesis)",
        text_below=f"the therapist {quality} than most and the client {less}, or the reverse (a hypothesis)",
    )


ROWS: tuple[Feature, ...] = (
    _row(
        "avoidance_warmth",
        "attachment_avoidance",
        "warm_support_style",
        "is warmer",
        "keeps more distance in relationships",
        "keeps less distance in relationships",
    ),
    _row(
        "anxiety_warmth",
        "attachment_anxiety",
        "warm_support_style",
        "is warmer",
        "is more anxious in relationships",
        "is less anxious in relationships",
    ),
    _row(
        "anxiety_directiveness",
        "attachment_anxiety",
        "directiveness_style",
        "leads more",
        "is more anxious in relationships",
        "is less anxious in relationships",
    ),
    _row(
        "problems_skill",
        "interpersonal_problems",
        "interpersonal_skill",
        "is more skilled with people",
        "has more trouble with people",
        "has less trouble with people",
    ),
)
