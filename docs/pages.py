"""Write the reference pages from the code's own tables: ``python -m docs.pages``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from docs.instrument_pages import build_instruments_page
from docs.key_pages import build_clinic_toml_page, build_hypothesis_page
from docs.message_pages import build_messages_page
from docs.synthetic_pages import build_population_page, build_published_page, build_world_page
from docs.tables import format_range, format_table

if TYPE_CHECKING:
    from attune_fit.data.clinic.columns import Column

FOLDER = Path(__file__).resolve().parent / "reference"

PARTS = ("attune_fit", "data", "features", "models", "training", "matching", "app")


def build_pages() -> dict[str, str]:
    """Build every reference page, by file name; each lists the rows of one table."""
    texts = {
        "columns.md": build_columns_page(),
        "formats.md": build_formats_page(),
        "instruments.md": build_instruments_page(),
        "clinic-toml.md": build_clinic_toml_page(),
        "rules.md": build_rules_page(),
        "relaxations.md": build_relaxations_page(),
        "flags.md": build_flags_page(),
        "features.md": build_features_page(),
        "non-use.md": build_non_use_page(),
        "metrics.md": build_metrics_page(),
        "messages.md": build_messages_page(),
        "commands.md": build_commands_page(),
        "published.md": build_published_page(),
        "world.md": build_world_page(),
        "hypothesis-file.md": build_hypothesis_page(),
        "population.md": build_population_page(),
        "house.md": build_modules_page(),
    }
    note = "\n<!-- Written by `make docs` from the code's own tables: change the row, not this page. -->\n"
    return {name: text.rstrip() + "\n" + note for name, text in texts.items()}


def build_columns_page() -> str:
    """Build the page of the columns of the canonical tables."""
    from attune_fit.data.clinic.columns import TABLES, list_columns

    text = (
        "# Columns of the canonical tables\n\nOnly ids are required. A `set` holds several codes joined by `|`.\n\n"
        "The last two columns say what a cell means that is *empty*, and one that is there and *cannot be read*. What "
        "restricts never fails open: an unreadable limit is not the absence of one. A person who is *set aside* is on "
        "no list until the cell is corrected; `attune check` names everyone who is. A `must` or `never` wish about a "
        "cell of a therapist that cannot be read leaves the therapist out. With `[rules.NAME]` switched off, the "
        "columns of the rule restrict no pair, and an unreadable cell is as an empty one.\n"
    )
    for name in TABLES:
        rows = [
            (
                f"`{c.name}`{'*' if c.required else ''}",
                c.kind,
                format_range(c.low, c.high) or _format_codes(c.codes),
                c.description,
                _describe_empty(c),
                UNREADABLE_TEXTS[c.unreadable],
            )
            for c in list_columns(name).values()
        ]
        text += f"\n## {name}\n\n" + format_table(("column", "kind", "allowed", "meaning", "empty", "unreadable"), rows)
    return text


UNREADABLE_TEXTS = {  # what a cell stops that cannot be read, by `Column.unreadable`
    "missing": "as empty",
    "aside": "sets the person aside",
    "limited": "leaves out therapists who limit it",
    "unused": "the rating is not used",
    "stops": "stops everything",
}


def _describe_empty(column: Column) -> str:
    if column.required:
        if column.kind != "id":
            return "no wish, if value and strength are empty; else as unreadable"
        return "stops everything" if column.unreadable == "stops" else "the row is left out"
    if column.empty:
        return column.empty.removesuffix(".")
    return f"unknown: rule `{column.rule}` decides" if column.rule else "unknown"


HEADER_ROWS = """
## Which rows hold the headers

The headers are in the first row with any cell. Where they are elsewhere, a key under `[tables.clients]`
names their row.

- Titles above the headers in row 3: `header_row = 3`.
- Headers in two rows, as surveys and merged cells have them: `header_row = [1, 2]`.
- Rows that are neither headers nor data: `skip_rows = [2, 3]`.

Two header rows are joined by a space: `Which problems?` above `Anxiety` is `Which problems? Anxiety`. An empty cell of
the first row takes the text on its left. Every row of the file counts, as in a spreadsheet.

Some rows need no key. A first line such as `sep=;` names the separator. Attune leaves out the two rows of Qualtrics
under the headers, copies of the header row, and totals, with a warning.
"""


def build_formats_page() -> str:
    """Build the page of the kinds of files that hold a table."""
    from attune_fit.data.formats.table_formats import FORMATS

    rows = [
        (row.name, ", ".join(f"`{suffix}`" for suffix in row.suffixes), "yes" if row.write else "no", row.description)
        for row in FORMATS
    ]
    head = (
        "# Formats\n\nAttune reads a clinic's tables in these formats, and writes rankings, placements and counts in "
        "some. The content of a file decides its format. The ending of its name decides only where that is text.\n\n"
    )
    formats = format_table(("format", "file names end in", "written", "how cells are stored"), rows)
    return head + formats + HEADER_ROWS + _build_presets_section()


def _build_presets_section() -> str:
    """Build the part about the programs whose exports Attune knows."""
    from attune_fit.data.reading.presets.preset_list import PRESETS

    head = (
        "\n## Programs whose exports Attune knows\n\n`source` under `[tables.clients]`, or another table, names the "
        "program. Its preset fills keys and columns that you do not set; `attune check CLINIC --show-mapping` lists "
        "them.\n\n"
    )
    rows = [(f"`{row.name}`", row.label, row.description) for row in PRESETS.values()]
    return head + format_table(("source", "program", "what the preset reads"), rows)


def build_rules_page() -> str:
    """Build the page of the eligibility rules."""
    from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE, READABLE_RULE, RULES

    rows = [
        (
            f"`{r.name}`" + ("" if r.is_on_by_default else " (off by default)"),
            ", ".join(f"`{c}`" for c in r.input_columns),
            r.violation_text,
            f"{r.unknown_policy}: {r.unknown_policy_reason}",
        )
        for r in (*RULES, READABLE_RULE, ALREADY_MET_RULE)
    ]
    head = (
        "# Rules\n\nA rule is never a weight. `clinic.toml` changes it: `[rules.payer]` with `on = false` or "
        '`unknown = "exclude"`. The rule `readable` is always on: [columns](columns.md) lists the cells it is about. '
        "The rule `declined` reads the journal. The last rule, `met`, applies only to a rematch.\n\n"
    )
    return head + format_table(("rule", "input columns", "reason for exclusion", "if unknown"), rows)


def build_relaxations_page() -> str:
    """Build the page of relaxations."""
    from attune_fit.matching.relaxation.relaxations import RELAXATIONS

    def format_rules(rules: Sequence[str]) -> str:
        return ", ".join(f"`{rule}`" for rule in rules) if len(rules) < 4 else "any rule that cannot be checked"

    rows = [
        (
            f"`{r.name}`",
            r.side,
            format_rules(r.rules),
            f"`{r.changed_column}`" if r.changed_column else "",
            r.template.format(code="…", attribute="…", unknown="…"),
            "`relax`, `capacity`" if r.is_immediate and r.counted_by else "`relax`" if r.is_immediate else "`capacity`",
        )
        for r in RELAXATIONS
    ]
    head = (
        "# Relaxations\n\nChanges that can make more therapists eligible. None lifts a `conflict` or a decline. "
        '`[relax]` with `off = ["NAME"]` removes a relaxation from every proposal.\n\n'
    )
    return head + format_table(
        ("relaxation", "whose change", "rules lifted", "changed column", "text", "proposed by"), rows
    )


def build_flags_page() -> str:
    """Build the page of follow-up flags."""
    from attune_fit.matching.follow_up.alliance_flags import FLAGS

    rows = [(f"`{f.name}`", f.description, f.action, f.evidence) for f in FLAGS]
    head = "# Flags\n\nFlags that `attune follow-up` can raise for a pair; [details](../follow-up.md).\n\n"
    return head + format_table(("flag", "condition", "what to do", "evidence for this action"), rows)


def build_features_page() -> str:
    """Build the page of features with their prior weights and sources."""
    from attune_fit.data.published_statistics import read_prior_weights
    from attune_fit.features.feature_catalogue import FEATURES

    weights = read_prior_weights()
    rows = [
        (
            f"`{f.name}`",
            f.family,
            f.side,
            f.direction,
            "yes" if f.keeps_direction else "no",
            f"{f.weight:+.3f} ± {f.spread:.3f}",
            f.text_above,
            (weights[f.name].because if f.name in weights else "") + f" ({f.source})",
        )
        for f in FEATURES
    ]
    head = (
        "# Features\n\nWeights are standard deviations of early alliance for one `scale` of the feature, with their "
        "spread, before a clinic has outcomes. `client` features go into the baseline and never move a ranking.\n\n"
        "A direction is where a weight starts. A clinic's records can turn the weight round. A reason then has an "
        "ending such as *clients here did better with that*. Where `kept` is yes, no weight and no tree acts against "
        "the direction: a wish that a therapist meets never lowers a score.\n\n"
    )
    return head + format_table(
        ("feature", "family", "side", "direction", "kept", "weight", "text for a coordinator", "reason"), rows
    )


def build_non_use_page() -> str:
    """Build the page of excluded inputs and of leaks."""
    from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
    from attune_fit.features.leakage_rules import LEAKAGE_RULES

    text = "# What is never used\n\nNone of these inputs changes a ranking; [reasons and proof](../non-use.md).\n\n"
    rows = [
        (row.name, ", ".join(f"`{table}.{column}`" for table in ("clients", "therapists")
                             for column in getattr(row, table)) or "any column of this name",
         f"{row.reason}.{_format_figure_keys(row.figures)}",
         _format_other_uses(row.rules, row.is_wishable, row.baseline))
        for row in EXCLUDED_INPUTS
    ]  # fmt: skip
    text += format_table(("input", "columns", "reason", "other uses"), rows)
    text += (
        "\n## Known only after contact (leaks)\n\nRefused by name; [other checks for leaks](../non-use.md#leaks).\n\n"
    )
    leaks = [
        (row.name, f"{row.reason}.{_format_figure_keys(row.figures)}", ", ".join(row.tables)) for row in LEAKAGE_RULES
    ]
    return text + format_table(("input", "why it would leak", "tables"), leaks)


def _format_other_uses(rules: Sequence[str], is_wishable: bool, baseline: Sequence[str]) -> str:
    """Format where Attune reads a column that does not change a ranking."""
    uses = [f"the rule `{rule}`" for rule in rules]
    uses += ["a wish about the therapist"] if is_wishable else []
    uses += [f"the client baseline, equal for every therapist (`{name}`)" for name in baseline]
    return "; ".join(uses) or "nowhere"


def _format_figure_keys(figures: Sequence[str]) -> str:
    return f" ({', '.join(f'`{key}`' for key in figures)})" if figures else ""


def build_metrics_page() -> str:
    """Build the page of evaluation metrics."""
    from attune_fit.training.evaluation.metrics import METRICS

    rows = [
        (
            f"`{m.name}`",
            f"closer to {m.ideal:g}" if m.ideal is not None else "higher" if m.higher_is_better else "lower",
            m.description,
        )
        for m in METRICS
    ]
    head = (
        "# Metrics\n\n`attune train` measures them on held-out records. Each value is the mean over random splits of "
        "the records into folds: 5 splits up to 2,000 records, 3 up to 20,000, and 2 above. The standard deviation "
        "over these splits shows how much a value depends on the split alone; other records would change it more.\n\n"
    )
    return head + format_table(("metric", "better", "meaning"), rows)


def build_commands_page() -> str:
    """Build the page of every command with its options."""
    from attune_fit.app.cli import app

    text = "# Commands\n\nExit codes: 0 success, 1 errors in the data (all are listed), 2 wrong usage.\n"
    for name, command in _list_commands(typer.main.get_command(app), ""):
        text += f"\n## `attune{name}`\n\n{(command.help or '').strip()}\n\n"
        rows = []
        for option in command.params:
            help_text = getattr(option, "help", "") or ""
            label = " ".join(option.opts) if option.param_type_name == "option" else option.name.upper()
            has_no_default = option.default is None or option.default is False or option.default == ""
            rows.append((f"`{label}`", "" if has_no_default else f"`{option.default}`", help_text))
        text += format_table(("option", "default", "meaning"), rows)
    return text


def _list_commands(group: Any, above: str) -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name, in the order of its group."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _list_commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}", command


def build_modules_page() -> str:
    """Build the page of every module, from the first line of its docstring."""
    text = (
        "# Modules\n\nPackages are layers: `make lint` checks that imports go in one direction. The text of a module "
        "is the first line of its docstring.\n"
    )
    packages = [path.parent for part in PARTS for path in sorted((FOLDER.parent.parent / part).rglob("__init__.py"))]
    for package in packages:
        first = {path: _read_first_line(path) for path in sorted(package.glob("*.py"))}
        own = next(line for path, line in first.items() if path.name == "__init__.py")
        rows = [(f"`{path.stem}`", line) for path, line in first.items() if path.name != "__init__.py"]
        text += f"\n## `{package.relative_to(FOLDER.parent.parent).as_posix()}/`\n\n{own}\n\n" + format_table(
            ("module", "content"), rows
        )
    return text


def _read_first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0].replace("``", "`")


def _format_codes(codes: tuple[str, ...]) -> str:
    return " ".join(f"`{code}`" for code in codes)


def main() -> None:
    """Write all reference pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in build_pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
