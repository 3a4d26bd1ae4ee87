"""Hypotheses about a different response that repairs: products of what the client brings and how the therapist is.

Each is the product of two standard numbers, so that neither side's own level enters. Studies of attachment pairings
are small and disagree (46 dyads: no main effect, one interaction, Marmarosh 2014; 59 patients, Petrowski 2011). The
weights are near zero, every direction is free, and the spread leaves it to outcomes. The therapist's own attachment is
not read. "High" and "low" mean above and below what is typical.
"""

from __future__ import annotations

from functools import partial

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs

COLUMN_NORMS: dict[str, tuple[float, float]] = {  # centre and spread of each column; assumed where no figure is named
    "attachment_avoidance": (3.2, 1.1),  # between students' norms, as remembered, and the middle of the scale
    "attachment_anxiety": (3.6, 1.2),
    "interpersonal_problems": (1.4, 0.55),
    "warm_support_style": (2.0, 7.0),  # self-rated, so wider than clients' preferences (SD 5.5)
    "directiveness_style": (-2.0, 7.5),  # professionals want less directiveness than laypeople, g = .92
    "interpersonal_skill": (3.2, 0.6),
}


def compute_standardized_product(pairs: Pairs, client: str, therapist: str) -> Floats:
    """Product of the two columns as standard numbers; NaN where either is unknown."""
    (middle, spread), (center, scale) = COLUMN_NORMS[client], COLUMN_NORMS[therapist]
    ours: Floats = (pairs.take_client_numbers(client) - middle) / spread
    return ours * ((pairs.take_therapist_numbers(therapist) - center) / scale)


def _row(name: str, client: str, therapist: str, says: str, below: str) -> Feature:
    """The row of one product."""
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
        text_above=f"{says} (a hypothesis)",
        text_below=f"{below} (a hypothesis)",
    )


ROWS: tuple[Feature, ...] = (
    _row(
        "avoidance_warmth",
        "attachment_avoidance",
        "warm_support_style",
        "brings warmth to the client's avoidance in attachment, both high or both low",
        "brings warmth to the client's avoidance in attachment, one high, the other low",
    ),
    _row(
        "anxiety_warmth",
        "attachment_anxiety",
        "warm_support_style",
        "brings warmth to the client's anxiety in attachment, both high or both low",
        "brings warmth to the client's anxiety in attachment, one high, the other low",
    ),
    _row(
        "anxiety_directiveness",
        "attachment_anxiety",
        "directiveness_style",
        "brings directiveness to the client's anxiety in attachment, both high or both low",
        "brings directiveness to the client's anxiety in attachment, one high, the other low",
    ),
    _row(
        "problems_skill",
        "interpersonal_problems",
        "interpersonal_skill",
        "brings interpersonal skill to the client's interpersonal problems, both high or both low",
        "brings interpersonal skill to the client's interpersonal problems, one high, the other low",
    ),
)
