"""The reference pages of the simulator: published figures, worlds, and the people who are drawn."""

from __future__ import annotations

from docs.tables import format_range, format_table


def build_published_page() -> str:
    """Build the page of published figures."""
    from attune_fit.data.published_statistics import read_published_statistics

    rows = [
        (f"`{f.key}`", f"{f.value:g}", format_range(f.low, f.high), f.unit, f.mark, f.says, f.cite)
        for f in read_published_statistics().values()
    ]
    head = (
        "# Published figures\n\n`read`: from the publication itself; `secondary`: from another source; `measured`: on "
        "data in this repository; `derived`: calculated from such figures; `assumed`: never cited "
        "as a fact.\n\n"
    )
    return head + format_table(("figure", "value", "range", "unit", "mark", "meaning", "source"), rows)


def build_world_page() -> str:
    """Build the page of named worlds, and of every parameter of a world."""
    from attune_fit.data.synthetic.named_worlds import WORLDS
    from attune_fit.data.synthetic.world import World

    text = (
        "# Worlds\n\n`attune simulate CLINIC --world NAME` simulates a clinic of a named world. `--world FILE` reads "
        "a file with sections like those below; missing keys have the default. Every clinic has its own effects "
        "(`effect_spread`). Its world is stored in `truth/world.toml`.\n\n"
    )
    rows = [
        (
            f"`{w.name}`",
            w.description,
            w.requirement,
            ", ".join(f"`{name} = {value}`" for name, value in w.changes.items()),
        )
        for w in WORLDS.values()
    ]
    text += format_table(("world", "truth", "a sound method should", "changes"), rows)
    sources = World.list_sources()
    for section, fields in World.list_sections().items():
        numbers: list[tuple[str, ...]] = []
        for name in fields:
            field, figure = World.model_fields[name], sources.get(name)
            default = f"{getattr(World(), name):g}" if figure else f"`{field.default}`" if field.default else ""
            span = format_range(figure.low, figure.high) if figure else ""
            source = f"{figure.cite} ({figure.mark})" if figure else "a choice"
            numbers.append((f"`{name}`", default, span, field.description or "", source))
        heads = ("number", "default", "range", "meaning", "source")
        text += f"\n## `[{section}]`\n\n" + format_table(heads, numbers)
    return text


def build_population_page() -> str:
    """Build the page of simulated people: codes, numbers, correlations, wishes and missing answers."""
    from attune_fit.data.clinic.columns import STRENGTHS
    from attune_fit.data.synthetic.clients import CORRELATIONS, PROBLEM_LOADINGS
    from attune_fit.data.synthetic.code_frequencies import CODE_FREQUENCIES, NUMERIC_COLUMNS
    from attune_fit.data.synthetic.missing_answers import QUESTIONNAIRE_PAGES
    from attune_fit.data.synthetic.wishes import WISH_KINDS

    text = (
        "# Synthetic population\n\nThe people of synthetic clinics. A source in `code` names rows of [published "
        "figures](published.md). *Assumed* numbers are in no sensitivity analysis, and real clinics differ in them.\n"
    )
    codes = [
        (c.vocabulary, c.name, f"{c.clients:g}", f"{c.therapists:g}", _format_source(c.source))
        for c in CODE_FREQUENCIES
    ]
    text += "\n## Codes\n\nShare of the clients, and of the therapists, who have the code.\n\n"
    text += format_table(("vocabulary", "code", "clients", "therapists", "source"), codes)
    numbers = [
        (f"`{n.column}`", f"{n.center:g}", f"{n.scale:g}", format_range(n.low, n.high), _format_source(n.source))
        for n in NUMERIC_COLUMNS
    ]
    text += "\n## Numbers in clients' answers\n\n" + format_table(
        ("column", "centre", "SD", "range", "source"), numbers
    )
    together = [(f"`{a}`", f"`{b}`", f"{r:g}") for (a, b), r in CORRELATIONS.items()]
    text += "\n## Correlations\n\nThe first three are as in `intake_intercorrelation`, all assumed.\n\n"
    text += format_table(("column", "column", "r"), together)
    leads = [(problem, f"`{column}`", f"{lean:g}") for problem, (column, lean) in PROBLEM_LOADINGS.items()]
    text += "\n## Causes of problems\n\nLoadings in probit units for one SD; assumed.\n\n"
    text += format_table(("problem", "column", "loading"), leads)
    wished = [
        (f"`{w.attribute}`",
         ", ".join(w.allowed_values) or (f"own {w.client_column}" if w.client_column else "any"), f"{w.share:g}",
         ", ".join(f"{name} {part:g}" for name, part in zip(STRENGTHS, w.strengths, strict=True) if part),
         ", ".join(code for _, code in w.client_codes) or "all")
        for w in WISH_KINDS
    ]  # fmt: skip
    text += "\n## Wishes\n\nShares are assumed; `faith_wish_share` is published.\n\n"
    text += format_table(("attribute", "values", "share", "strength", "clients"), wished)
    left = [
        (page.table, ", ".join(f"`{c}`" for c in page.columns), f"{page.relative_rate:g}")
        for page in QUESTIONNAIRE_PAGES
    ]
    text += "\n## Missing answers\n\nColumns of one page are missing together. "
    text += "The rate is a multiple of `missing`; assumed.\n\n"
    return text + format_table(("table", "columns", "multiple"), left)


def _format_source(source: str) -> str:
    return source if source == "assumed" else f"`{source}`"
