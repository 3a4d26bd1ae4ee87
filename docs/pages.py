"""The reference pages, written from the code's own tables: ``python -m docs.pages``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import BaseModel

from docs.tables import markdown

FOLDER = Path(__file__).resolve().parent / "reference"

PARTS = ("attune_fit", "data", "features", "models", "training", "matching", "app")


def pages() -> dict[str, str]:
    """Every page by file name, each made of the rows of one table."""
    made = {
        "columns.md": columns(),
        "instruments.md": instruments(),
        "clinic-toml.md": clinic_toml(),
        "rules.md": rules(),
        "relaxations.md": relaxations(),
        "flags.md": flags(),
        "features.md": features(),
        "non-use.md": non_use(),
        "metrics.md": metrics(),
        "commands.md": commands(),
        "published.md": published(),
        "world.md": world(),
        "population.md": population(),
        "house.md": house(),
    }
    note = "\n<!-- Written by `make docs` from the code's own tables: change the row, not this page. -->\n"
    return {name: text.rstrip() + "\n" + note for name, text in made.items()}


def columns() -> str:
    """Pages of COLUMNS."""
    from attune_fit.data.clinic.columns import TABLES, list_columns

    text = "# Columns of the canonical tables\n\nOnly ids are required. A `set` holds several codes joined by `|`.\n"
    for name in TABLES:
        rows = [
            (f"`{c.name}`{'*' if c.required else ''}", c.kind, _range(c.low, c.high) or _codes(c.codes), c.description)
            for c in list_columns(name).values()
        ]
        text += f"\n## {name}\n\n" + markdown(("column", "kind", "allowed", "meaning"), rows)
    return text


def instruments() -> str:
    """Page of INSTRUMENTS."""
    from attune_fit.data.clinic.instruments import INSTRUMENTS

    rows = [
        (f"`{i.name}`", i.says, f"{i.low:g} to {i.high:g}", f"{i.early[0]} to {i.early[1]}",
         "nothing validated" if i.weak is None else f"{i.weak:g} or lower ({i.weak_source})", i.source)
        for i in INSTRUMENTS
    ]  # fmt: skip
    head = "# Instruments\n\nA clinic adds its own as `[[instruments]]` in `clinic.toml`. No item text is kept.\n\n"
    return head + markdown(("name", "what it is", "points", "early sessions", "weak", "source"), rows)


def clinic_toml() -> str:
    """Page of everything clinic.toml may say, from the models that read it."""
    from attune_fit.data.clinic.settings import Config

    head = "# clinic.toml\n\nEvery key may be left out. With canonical file names and columns the file may be empty.\n"
    return head + "".join(_sections("", Config, {}))


def _sections(place: str, model: type[BaseModel], seen: dict[str, type[BaseModel]]) -> Iterator[str]:
    """A model as a section, then the models inside it; one that stands in several places is written out once."""
    seen[place] = model
    rows: list[tuple[str, ...]] = []
    inside: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        key, kind = field.alias or name, str(field.annotation)
        default = "" if field.is_required() else field.get_default(call_default_factory=True)
        said = "" if default is None or isinstance(default, BaseModel) or default in ("", [], {}) else f"`{default}`"
        inner = _model_in(field.annotation)
        if inner is not None:
            path = f"{place.strip('[]')}.{key}".strip(".") + (".NAME" if "dict" in kind else "")
            path = f"[{path}]" if "list" in kind else path
            said = f"`[{path}]`"
            same = next((label for label, known in [*seen.items(), *inside] if known is inner), "")
            said += f", as `[{same}]`" if same else ""
            inside.append((path, inner))
        rows.append((f"`{key}`", said, f"{field.description or ''}{_choices(field.annotation)}"))
    doc = (model.__doc__ or "").strip().splitlines()[0].replace("``", "`")
    yield f"\n## {f'`[{place}]`' if place else 'Top level'}\n\n{doc}\n\n" + markdown(
        ("key", "default", "meaning"), rows
    )
    for path, inner in inside:
        if inner not in seen.values():
            yield from _sections(path, inner, seen)


def _choices(annotation: object) -> str:
    """The values allowed, where they are few and named."""
    inner = [annotation, *get_args(annotation)]
    words = next((get_args(one) for one in inner if get_origin(one) is Literal), ())
    return f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model inside ``list[Model]``, ``dict[str, Model]``, ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


def rules() -> str:
    """Page of RULES."""
    from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE, RULES

    rows = [
        (
            f"`{r.name}`",
            ", ".join(f"`{c}`" for c in r.input_columns),
            r.violation_text,
            f"{r.unknown_policy}: {r.unknown_policy_reason}",
        )
        for r in (*RULES, ALREADY_MET_RULE)
    ]
    head = (
        "# Rules\n\nA rule is never a weight. Each is switched in `clinic.toml`: `[rules.payer]` with `on = false` or "
        '`unknown = "exclude"`. The last, `met`, is in use for a rematch alone.\n\n'
    )
    return head + markdown(("rule", "reads", "leaves out, because", "when unknown"), rows)


def relaxations() -> str:
    """Page of RELAXATIONS."""
    from attune_fit.matching.relaxation.relaxations import RELAXATIONS

    def lifts(rules: Sequence[str]) -> str:
        return ", ".join(f"`{rule}`" for rule in rules) if len(rules) < 4 else "any rule that cannot be checked"

    rows = [
        (
            f"`{r.name}`",
            r.side,
            lifts(r.rules),
            f"`{r.changed_column}`" if r.changed_column else "",
            r.template.format(code="…", attribute="…", unknown="…"),
            "`relax`, `capacity`" if r.is_immediate and r.counted_by else "`relax`" if r.is_immediate else "`capacity`",
        )
        for r in RELAXATIONS
    ]
    head = (
        "# Relaxations\n\nWhat may change so that more therapists can be offered. None lifts a `conflict`. "
        'Each is left out of every proposal by `[relax]` with `off = ["NAME"]`.\n\n'
    )
    return head + markdown(("relaxation", "whose change", "lifts", "changes", "says", "proposed by"), rows)


def flags() -> str:
    """Page of FLAGS."""
    from attune_fit.matching.follow_up.flags import FLAGS

    rows = [(f"`{f.name}`", f.description, f.action, f.evidence) for f in FLAGS]
    head = "# Flags\n\nWhat `attune follow-up` points out about a pair; [how](../follow-up.md).\n\n"
    return head + markdown(("flag", "what is true", "what to do", "what is known of doing it"), rows)


def features() -> str:
    """Page of FEATURES with their weights and sources."""
    from attune_fit.data.published_statistics import read_prior_weights
    from attune_fit.features.catalogue import FEATURES

    known = read_prior_weights()
    rows = [
        (
            f"`{f.name}`",
            f.family,
            f.side,
            f.direction,
            f"{f.weight:+.3f} ± {f.spread:.3f}",
            f.text_above,
            (known[f.name].because if f.name in known else "") + f" ({f.source})",
        )
        for f in FEATURES
    ]
    head = (
        "# Features\n\nWeights are standard deviations of early alliance for one `scale` of the feature, with their "
        "spread, before a clinic has outcomes. `client` features go into the baseline and never move a ranking.\n\n"
    )
    return head + markdown(("feature", "family", "side", "direction", "weight", "a coordinator reads", "because"), rows)


def non_use() -> str:
    """Page of NON_USE and LEAKS."""
    from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
    from attune_fit.features.leakage_rules import LEAKAGE_RULES

    text = "# What is never used\n\nNone of this moves a ranking; [why and how it is proved](../non-use.md).\n\n"
    rows = [
        (one.name, ", ".join(f"`{table}.{column}`" for table in ("clients", "therapists")
                             for column in getattr(one, table)) or "any column that is called so",
         f"{one.reason}.{_source_of(one.figures)}", _elsewhere(one.rules, one.is_wishable, one.baseline))
        for one in EXCLUDED_INPUTS
    ]  # fmt: skip
    text += markdown(("what", "columns", "why not", "where it is read all the same"), rows)
    text += "\n## Known only after contact\n\nRefused by name; [what else is looked at](../non-use.md#leaks).\n\n"
    known = [(one.name, f"{one.reason}.{_source_of(one.figures)}", ", ".join(one.tables)) for one in LEAKAGE_RULES]
    return text + markdown(("what", "why it would leak", "tables"), known)


def _elsewhere(rules: Sequence[str], wish: bool, baseline: Sequence[str]) -> str:
    """Where a column that moves no ranking is read."""
    said = [f"the rule `{rule}`" for rule in rules]
    said += ["a wish about the therapist"] if wish else []
    said += [f"the level shown, the same for every therapist (`{name}`)" for name in baseline]
    return "; ".join(said) or "nowhere"


def _source_of(figures: Sequence[str]) -> str:
    return f" ({', '.join(f'`{key}`' for key in figures)})" if figures else ""


def metrics() -> str:
    """Page of METRICS."""
    from attune_fit.training.evaluation.metrics import METRICS

    rows = [
        (
            f"`{m.name}`",
            f"nearer {m.ideal:g}" if m.ideal is not None else "higher" if m.higher_is_better else "lower",
            m.description,
        )
        for m in METRICS
    ]
    head = "# Metrics\n\nMeasured by `attune train` on clients the model had not seen.\n\n"
    return head + markdown(("metric", "better", "meaning"), rows)


def commands() -> str:
    """Page of every command with its options."""
    from attune_fit.app.cli import app

    text = "# Commands\n\nExit codes: 0 done, 1 the data is at fault (every fault is listed), 2 wrong usage.\n"
    for name, command in _commands(typer.main.get_command(app), ""):
        text += f"\n## `attune{name}`\n\n{(command.help or '').strip()}\n\n"
        rows = []
        for option in command.params:
            said = getattr(option, "help", "") or ""
            label = " ".join(option.opts) if option.param_type_name == "option" else option.name.upper()
            bare = option.default is None or option.default is False or option.default == ""
            rows.append((f"`{label}`", "" if bare else f"`{option.default}`", said))
        text += markdown(("option", "default", "meaning"), rows)
    return text


def _commands(group: Any, above: str) -> Iterator[tuple[str, Any]]:
    """Every command with its name as typed, those of a group after one another."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}", command


def published() -> str:
    """Page of the published figures."""
    from attune_fit.data.published_statistics import read_published_statistics

    rows = [
        (f"`{f.key}`", f"{f.value:g}", _range(f.low, f.high), f.unit, f.mark, f.says, f.cite)
        for f in read_published_statistics().values()
    ]
    head = (
        "# Published figures\n\n`read`: read in the work itself; `secondary`: read elsewhere; `measured`: on data kept "
        "here; `derived`: arithmetic on such figures; `assumed`: an assumption, never cited as a fact.\n\n"
    )
    return head + markdown(("figure", "value", "range", "unit", "mark", "meaning", "source"), rows)


def world() -> str:
    """Page of the named worlds, and of every number a world has."""
    from attune_fit.data.synthetic.named_worlds import WORLDS
    from attune_fit.data.synthetic.world import World

    text = (
        "# Worlds\n\n`attune simulate CLINIC --world NAME` draws a clinic of a named world; `--world FILE` of a file "
        "with sections like those below, in which whatever is left out stays as it is here. Every clinic is drawn with "
        "its own effects (`effect_spread`), and keeps the world it was drawn from in `truth/world.toml`.\n\n"
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
    text += markdown(("world", "what is true in it", "a sound method should", "differs by"), rows)
    sources = World.list_sources()
    for section, fields in World.list_sections().items():
        numbers: list[tuple[str, ...]] = []
        for name in fields:
            field, figure = World.model_fields[name], sources.get(name)
            default = f"{getattr(World(), name):g}" if figure else f"`{field.default}`" if field.default else ""
            span = _range(figure.low, figure.high) if figure else ""
            source = f"{figure.cite} ({figure.mark})" if figure else "a choice"
            numbers.append((f"`{name}`", default, span, field.description or "", source))
        heads = ("number", "default", "range", "meaning", "source")
        text += f"\n## `[{section}]`\n\n" + markdown(heads, numbers)
    return text


def population() -> str:
    """Page of who is drawn: codes, numbers, what goes together, wishes, what is left unanswered."""
    from attune_fit.data.clinic.columns import STRENGTHS
    from attune_fit.data.synthetic.clients import CORRELATIONS, PROBLEM_LOADINGS
    from attune_fit.data.synthetic.code_frequencies import CODE_FREQUENCIES, NUMERIC_COLUMNS
    from attune_fit.data.synthetic.missing_answers import QUESTIONNAIRE_PAGES
    from attune_fit.data.synthetic.wishes import WISH_KINDS

    text = (
        "# Who is drawn\n\nThe people of synthetic clinics. A source in `code` names rows of [published figures]"
        "(published.md); whatever says *assumed* is swept nowhere and claimed by nobody: real clinics differ in it.\n"
    )
    codes = [(c.vocabulary, c.name, f"{c.clients:g}", f"{c.therapists:g}", _source(c.source)) for c in CODE_FREQUENCIES]
    text += "\n## Codes\n\nShare of the people of each side who have it.\n\n"
    text += markdown(("vocabulary", "code", "clients", "therapists", "source"), codes)
    numbers = [
        (f"`{n.column}`", f"{n.center:g}", f"{n.scale:g}", _range(n.low, n.high), _source(n.source)) for n in NUMERIC_COLUMNS
    ]
    text += "\n## Numbers clients answer with\n\n" + markdown(("column", "centre", "SD", "range", "source"), numbers)
    together = [(f"`{a}`", f"`{b}`", f"{r:g}") for (a, b), r in CORRELATIONS.items()]
    text += "\n## What goes together\n\nCorrelations; the first three as in `intake_intercorrelation`, all assumed.\n\n"
    text += markdown(("column", "column", "r"), together)
    leads = [(problem, f"`{column}`", f"{lean:g}") for problem, (column, lean) in PROBLEM_LOADINGS.items()]
    text += "\n## What leads to a problem\n\nIn probit units for one SD; assumed.\n\n"
    text += markdown(("problem", "column", "lean"), leads)
    wished = [
        (f"`{w.attribute}`", ", ".join(w.allowed_values) or (f"own {w.client_column}" if w.client_column else "any"), f"{w.share:g}",
         ", ".join(f"{name} {part:g}" for name, part in zip(STRENGTHS, w.strengths, strict=True) if part),
         ", ".join(code for _, code in w.client_codes) or "all")
        for w in WISH_KINDS
    ]  # fmt: skip
    text += "\n## Wishes\n\nShares are assumed; `faith_wish_share` is published.\n\n"
    text += markdown(("about", "for", "share", "strength", "of whom"), wished)
    left = [(page.table, ", ".join(f"`{c}`" for c in page.columns), f"{page.relative_rate:g}") for page in QUESTIONNAIRE_PAGES]
    text += "\n## What is left unanswered\n\nTogether, so many times as often as `missing` says; assumed.\n\n"
    return text + markdown(("table", "columns", "times"), left)


def _source(source: str) -> str:
    return source if source == "assumed" else f"`{source}`"


def house() -> str:
    """Page of every module, from its own first line."""
    text = (
        "# The house\n\nEach floor uses only the floors below it; `make lint` checks it. One line a module, its own.\n"
    )
    rooms = [path.parent for part in PARTS for path in sorted((FOLDER.parent.parent / part).rglob("__init__.py"))]
    for room in rooms:
        first = {path: _first_line(path) for path in sorted(room.glob("*.py"))}
        own = next(line for path, line in first.items() if path.name == "__init__.py")
        rows = [(f"`{path.stem}`", line) for path, line in first.items() if path.name != "__init__.py"]
        text += f"\n## `{room.relative_to(FOLDER.parent.parent).as_posix()}/`\n\n{own}\n\n" + markdown(
            ("module", "is"), rows
        )
    return text


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0].replace("``", "`")


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"


def _codes(codes: tuple[str, ...]) -> str:
    return " ".join(f"`{code}`" for code in codes)


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
