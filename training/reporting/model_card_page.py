"""The model card as a page: Markdown from its facts, under the headings that reporting guidelines ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attune_fit.models.pair_effect_verdict import format_correlation_interval
from attune_fit.training.crossfit.splits import SPLITS
from attune_fit.training.reporting.dropout_section import format_dropout_section
from attune_fit.training.reporting.scale_section import format_scales_section

NOT_MEASURED = "not measured"
INTENDED_USE = (
    "It ranks the therapists that a clinic can offer one client by expected early working alliance. The coordinator "
    "decides, and knows more than the tables. Do not use it to predict whether a therapy will work, or to rate, pay or "
    "compare therapists. Do not turn a client away because of it. Use it only in the clinic whose records made it."
)
LIMITATIONS = (
    "The score is about one early rating by the client, not about the course of the therapy.",
    "Clients and therapists did not meet at random: a cause that is not in the tables can explain any figure here.",
    "The records hold only clients who came and filled in a form.",
    "Differences between groups of clients or therapists are not measured here; `attune fairness` measures them.",
    "The figures hold for this clinic and these dates; train again when there are new records.",
)


def format_model_card(card: dict[str, Any]) -> str:
    """Format the card in Markdown.

    Parameters
    ----------
    card : dict
        From :func:`build_card_facts`, with :func:`build_run_facts` where there was a run.

    Notes
    -----
    Headings follow TRIPOD+AI (Collins et al. 2024, BMJ 385:e078378) and model cards (Mitchell et al. 2019, FAT*,
    doi:10.1145/3287560.3287596) as far as they apply.
    """
    records, settings = card.get("records") or {}, card.get("settings") or {}
    parts = [
        f"# Model card: {card['bundle']}",
        *_format_model(card.get("model") or {}),
        card["verdict"],
        "## Use\n\n" + INTENDED_USE,
        "## Data\n\n" + _format_data(card, records),
        *_format_notes(card.get("notes") or []),
        "## How well it predicts\n\n" + _format_performance(card),
        "## Comparison with simpler methods\n\n" + _format_baselines(card["compared"]),
        "## Promotion\n\n" + _format_decision(card.get("decision") or {}),
        *_format_history(card.get("history") or []),
        *_format_choice(card.get("choice") or []),
        *format_scales_section(card.get("scales") or {}),
        *format_dropout_section(card.get("dropout") or {}),
        "## What the score is made of\n\n" + _format_families(card),
        "## What it does not read\n\n" + _format_unread_columns(card["unread"]),
        "## Limits\n\n" + "\n".join(f"- {one}" for one in LIMITATIONS),
        "## How it was made\n\n" + _table(("what", ""), _list_training_facts(card, settings)),
        "## Every weight\n\n" + _format_weights(card["weights"]),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _format_model(model: dict[str, str]) -> Iterable[str]:
    """Yield which model it is; nothing for the starting model and for cards of earlier versions."""
    if model:
        yield f"Model `{model['name']}`: {model['description']}."


def _format_notes(notes: Sequence[str]) -> Iterable[str]:
    """Yield the warnings to read before the model is trusted."""
    if notes:
        yield "## Cautions\n\n" + "\n".join(f"- {one}" for one in notes)


def _format_data(card: dict[str, Any], records: dict[str, Any]) -> str:
    first, last = records.get("first"), records.get("last")
    rows = [
        ("early alliance records", _format_value(records.get("n"))),
        ("clients", _format_value(records.get("clients"))),
        ("therapists", _format_value(records.get("therapists"))),
        ("first ratings from", f"{first} to {last}" if first else NOT_MEASURED),
        ("instrument of its estimates", _format_value(card["instrument"])),
        ("early alliance, POMP (0-100)", _plus_minus(records.get("mean"), records.get("sd"))),
    ]
    unknown = records.get("unknown") or {}
    text = _table(("what", ""), rows)
    if unknown:
        text += "\nShare of unknown cells, by family of features. The score uses the typical value instead.\n\n"
        text += _table(("family", "unknown"), ((name, _percent(share)) for name, share in unknown.items()))
    return text


def _format_performance(card: dict[str, Any]) -> str:
    claims = {row.name: row.claim for row in SPLITS}
    rows = [
        (one["name"], _number(one["value"]), _format_spread(one), f"{claims[one['split']]} (n = {one['n']})",
         one["says"])
        for one in card.get("metrics") or []
    ]  # fmt: skip
    text = f"{NOT_MEASURED.capitalize()}.\n"
    if rows:
        text = (
            "Measured on held-out records, as a mean over random splits into folds. The SD over splits shows how much "
            "a value depends on the split alone.\n\n"
        ) + _table(("metric", "value", "SD over splits", "measured on", "meaning"), rows)
    held = card.get("coverage")
    coverage = NOT_MEASURED
    if held:
        coverage = (
            f"{held['held']:.0%} of {held['n']:,} ratings [{held['low']:.0%}, {held['high']:.0%}], with widths from "
            "other clients' records"
        )
    intervals = f"Intervals that should hold {card['interval']:.0%} of ratings hold: {coverage}."
    rank = _format_rank(card.get("rank_outcome"))
    return f"{text}\n{intervals}\n\nOutcome on the rank of the therapist seen: {rank}."


def _format_rank(rank: dict[str, Any] | None) -> str:
    """Return how the held-out outcome changes with the rank of the therapist seen; None: not measured."""
    if not rank:
        return NOT_MEASURED
    interval = f"b = {rank['b']:+.2f} [{rank['low']:+.2f}, {rank['high']:+.2f}]"
    people = f"{rank['n']:,} held-out records, {rank['therapists']:,} therapists, mean rank {rank['mean_rank']:.1f}"
    meaning = "below 0 is what a valid list gives; the interval is clustered by therapist"
    return f"{interval} POMP points for each place further down ({people}; {meaning})"


def _format_spread(metric: dict[str, Any]) -> str:
    """Return the SD of a metric over splits and their number; cards of earlier versions have one split."""
    if metric["value"] is None:
        return NOT_MEASURED
    splits = metric.get("splits", 1)
    return f"{metric['spread']:.3f} ({splits} splits)" if splits > 1 else "one split"


def _format_baselines(methods: Sequence[dict[str, Any]]) -> str:
    """Return the correlations of the model and of simpler methods, as the verdict compared them."""
    if not methods:
        return f"{NOT_MEASURED.capitalize()}."
    text = "Correlations with the residual of held-out ratings, with their 95% intervals.\n\n"
    rows = [(one["name"], *(_format_interval(one[side]) for side in ("within", "over"))) for one in methods]
    return text + _table(("method", "who suits whom", "and who is rated high"), rows)


def _format_interval(r: Sequence[float] | None) -> str:
    return "the same for all" if r is None else format_correlation_interval((r[0], r[1], r[2]))


def _format_decision(decision: dict[str, Any]) -> str:
    if not decision:
        return "It was made from no records, so there was no decision."
    words = {"promoted": "Promoted.", "refused": "Refused.", "kept": "Nothing to decide."}
    p = decision["agreement"]
    text = f"{words[decision['what']]} {decision['because']}\n\nRelation of the outcomes to the intake answers: "
    text += NOT_MEASURED if p is None else f"p = {p:.4f}, the share of shuffled outcomes with as strong a relation"
    rows = [
        (one["figure"], one["on"], _number(one["new"]), _number(one["old"]), _format_gain(one))
        for one in decision["compared"]
    ]
    heads = ("metric", "on", "this model", decision["replaced"] or "live", "better by")
    return f"{text}.\n\n" + (_table(heads, rows) if rows else "")


def _format_history(entries: Sequence[dict[str, str]]) -> list[str]:
    """Return the bundle's entries in the ledger as a section; no section where there is none."""
    rows = [(one["when"], f"{one['what']}: {one['bundle']}", one["why"]) for one in entries]
    return ["## In the ledger\n\n" + _table(("when, UTC", "what", "why"), rows)] if rows else []


def _format_choice(shares: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Yield how much each part decides between therapists; nothing where it was not measured."""
    if shares:
        text = (
            "How much each part of the score differs between the therapists of one client, as a mean over clients "
            "of the tables. The shares add up to 100%. A share below 0 is of a part that acts against the others.\n\n"
        )
        # + 0.0: never -0%
        rows = [(one["part"], f"{one['sd']:.2f}", f"{round(one['share'], 2) + 0.0:.0%}") for one in shares]
        heads = ("part", "SD between therapists, POMP points", "share of the choice")
        yield "## What decides a list here\n\n" + text + _table(heads, rows)


def _format_families(card: dict[str, Any]) -> str:
    rows = [
        (one["family"], str(one["features"]), f"{one['published']:.2f}", f"{one['now']:.2f}", str(one["in_trees"]))
        for one in card["families"]
    ]
    spread = card["spread"]
    text = (
        "Size of a family: the root of the sum of its squared weights, POMP points. Standard deviations in POMP "
        f"points: early alliance {spread['early_alliance_sd']:.1f}; between therapists, beyond the features, "
        f"{spread['therapists_sd']:.1f}; unexplained {spread['unexplained_sd']:.1f}.\n\n"
    )
    return text + _table(("family", "features", "as published", "now", "features that trees use"), rows)


def _format_unread_columns(unread: dict[str, list[str]]) -> str:
    lines = [f"- {table}: {', '.join(names) or 'none'}" for table, names in unread.items()]
    return (
        "No feature reads these columns. A rule can read them, because a rule has no weight. A client's wish can name "
        "any column of therapists, which then counts for that client.\n\n" + "\n".join(lines)
    )


def _list_training_facts(card: dict[str, Any], settings: dict[str, Any]) -> list[tuple[str, str]]:
    described = ("local_trees", "tree_weights", "held_at_prior", "has_drift", "client_share")
    rows = [(name, _format_value(value)) for name, value in settings.items() if name not in described]
    if settings:
        rows += [("settings of own trees", _format_numbers(settings.get("local_trees")))]
        rows += [("weights of own trees, by kind", _format_numbers(settings.get("tree_weights")))]
        rows += [("held at their prior", ", ".join(settings["held_at_prior"]) or "none")]
        weights = "change with time; lists use those of today" if settings.get("has_drift") else "constant in time"
        share = settings.get("client_share")  # 0 where each client rated one therapist
        level = f"{share:.0%} of the residual variance" if share else "none measured"
        rows += [("weights of pair features", weights), ("client's own level", level)]
    if card.get("own_trees"):
        rows.append(("own trees (LightGBM)", card["own_trees"]["sentence"]))
    if card.get("tuning"):
        rows.append(("search for settings of the trees", card["tuning"]["sentence"]))
    hashes = [(name, f"`{card[key]}`" if card[key] else "none") for name, key in
              (("data, SHA-256", "data"), ("bundle, SHA-256", "sha256"), ("Attune", "code"))]  # fmt: skip
    return rows + hashes


def _format_numbers(numbers: dict[str, float] | None) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in numbers.items()) if numbers else "none grown"


def _format_weights(weights: Sequence[dict[str, Any]]) -> str:
    """Return every weight with its standard deviation, as published and now."""
    rows = []
    for row in weights:
        published, now = (f"{row[key]:+.2f} ± {row[f'{key}_sd']:.2f}" for key in ("published", "now"))
        rows.append((f"{row['feature']} ({row['family']})", published, now))
    text = "POMP points for one standard deviation of the feature, ± the standard deviation of the weight.\n\n"
    return text + _table(("feature", "as published", "now"), rows)


def _format_value(value: object) -> str:
    return NOT_MEASURED if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _number(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.3f}"


def _plus_minus(mean: float | None, sd: float | None) -> str:
    return NOT_MEASURED if mean is None or sd is None else f"{mean:.1f}, SD {sd:.1f}"


def _percent(share: float | str | None) -> str:
    return NOT_MEASURED if share is None else share if isinstance(share, str) else f"{share:.0%}"


def _format_gain(one: dict[str, Any]) -> str:
    return f"{one['gain']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}]"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
