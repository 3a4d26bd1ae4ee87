"""Write the pages of the keys of files: ``clinic.toml`` and hypothesis files, from the models that read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from pydantic import BaseModel

from docs.tables import format_table


def build_clinic_toml_page() -> str:
    """Build the page of every key of clinic.toml, from the models that read it."""
    from attune_fit.data.clinic.settings import Config

    head = "# clinic.toml\n\nEvery key is optional. With canonical file names and columns the file can be empty.\n"
    return head + "".join(_format_sections("", Config, {}))


def _format_sections(
    section: str, model: type[BaseModel], models_by_section: dict[str, type[BaseModel]]
) -> Iterator[str]:
    """Format a model as a section, then its inner models; a model used in several places is described once.

    So is a model with a part of the keys of another.
    """
    models_by_section[section] = model
    rows: list[tuple[str, ...]] = []
    inside: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        key, kind = field.alias or name, str(field.annotation)
        default = "" if field.is_required() else field.get_default(call_default_factory=True)
        default_text = (
            "" if default is None or isinstance(default, BaseModel) or default in ("", [], {}) else f"`{default}`"
        )
        inner = _find_model(field.annotation)
        if inner is not None:
            path = f"{section.strip('[]')}.{key}".strip(".") + (".NAME" if "dict" in kind else "")
            path = f"[{path}]" if "list" in kind or "Sequence" in kind else path
            default_text = f"`[{path}]`"
            same = next(
                (label for label, other in [*models_by_section.items(), *inside] if issubclass(other, inner)), ""
            )
            default_text += f", as `[{same}]`" if same else ""
            inside.append((path, inner))
        rows.append((f"`{key}`", default_text, f"{field.description or ''}{_format_choices(field.annotation)}"))
    doc = (model.__doc__ or "").strip().splitlines()[0].replace("``", "`")
    yield f"\n## {f'`[{section}]`' if section else 'Top level'}\n\n{doc}\n\n" + format_table(
        ("key", "default", "meaning"), rows
    )
    for path, inner in inside:
        if not any(issubclass(other, inner) for other in models_by_section.values()):
            yield from _format_sections(path, inner, models_by_section)


def _format_choices(annotation: object) -> str:
    """Format the allowed values of a ``Literal``."""
    inner = [annotation, *get_args(annotation)]
    words = next((get_args(part) for part in inner if get_origin(part) is Literal), ())
    return f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""


def _find_model(annotation: object) -> type[BaseModel] | None:
    """Return the model inside ``list[Model]``, ``dict[str, Model]`` or ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _find_model(inner))), None)


KINDS = (
    ("trait", "`therapist` alone", "the therapist's number, once for each therapist; t with therapists - 2"),
    ("interaction", "`product`, or `therapist` with `weight_by`",
     "the client's slope within each therapist, then the therapist's number on the slopes; t on therapists"),
    ("pair", "any other comparison of two columns",
     "the value within therapists, adjusted for the client's mean over all therapists"),
    ("surface", "`surface`", "a second-degree surface of both numbers, with therapist effects"),
)  # fmt: skip


def build_hypothesis_page() -> str:
    """Build the page of every key of a hypothesis file, with the kinds of terms, the exclusions and the library."""
    from attune_fit.training.hypotheses.hypothesis import EXCLUSIONS, Hypothesis
    from attune_fit.training.hypotheses.hypothesis_library import list_library

    head = (
        "# Hypothesis files\n\n`attune hypothesis test CLINIC FILE` reads a TOML file with these keys. "
        "`af.Hypothesis(...)` takes the same keys in Python. `name`, `claim` and `feature` are required.\n\n"
        "## Kind of term\n\nThe columns decide the kind, and the kind decides the test.\n\n"
    )
    kinds = format_table(("kind", "feature", "test"), ((f"`{name}`", *texts) for name, *texts in KINDS))
    exclusions = format_table(("exclusion", "drops"), ((f"`{name}`", text) for name, text in EXCLUSIONS.items()))
    published = format_table(
        ("name", "kind", "claim", "source"),
        ((f"`{one.name}`", one.kind, one.claim, one.source) for one in list_library()),
    )
    return (
        f"{head}{kinds}{''.join(_format_sections('', Hypothesis, {}))}\n## Exclusions\n\n{exclusions}"
        f"\n## Library\n\n`attune hypothesis library NAME` prints the file.\n\n{published}"
    )
