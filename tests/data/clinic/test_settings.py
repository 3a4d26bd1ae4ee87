"""The keys of clinic.toml: each has a description and a valid default."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import SETTINGS, Config, Settings
from attune_fit.data.reading.read_clinic import list_faults
from attune_fit.workspace import Workspace
from tests.conftest import SAMPLE
from tests.fault_descriptions import describe_fault, raises_faults


def models(annotation: Any = Config) -> Iterator[type[BaseModel]]:
    """Yield every model of a part of clinic.toml."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(annotation):
        yield from models(inner)


MODELS = {model.__name__: model for model in models()}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_key_is_described_and_no_other_is_allowed(name: str) -> None:
    model = MODELS[name]
    assert model.__doc__
    assert model.model_config.get("extra") == "forbid"
    for key, field in model.model_fields.items():
        assert field.description, key
        assert field.description.endswith("."), key


def test_settings_are_rows_with_their_defaults() -> None:
    assert {row.name: row.default for row in SETTINGS} == Settings().model_dump()
    assert all(row.description for row in SETTINGS)


def test_no_clinic_toml_an_empty_one_and_defaults_are_the_same(tmp_path: Path) -> None:
    absent = Clinic.open(tmp_path).config
    (tmp_path / "clinic.toml").write_text("")
    assert Clinic.open(tmp_path).config == absent == Config()


def test_attune_writes_only_under_artifacts(tmp_path: Path) -> None:
    assert Clinic.open(tmp_path).artifacts == tmp_path / "artifacts"
    assert not list(tmp_path.iterdir())


def test_a_key_with_an_old_name_works_with_a_warning(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "clinic")
    (tmp_path / "clinic" / "clinic.toml").write_text("[settings]\nnewcomer_turns = 4\n")
    clinic = Clinic.open(tmp_path / "clinic")
    assert clinic.config.settings.newcomer_weight == 4
    (warning,) = [fault for fault in list_faults(clinic) if fault.table == "clinic.toml"]
    assert describe_fault(warning) == (
        "clinic.toml, settings.newcomer_turns: renamed-key (newcomer_turns, newcomer_weight, newcomer_weight)"
    )


def test_the_old_and_the_new_name_together_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text("[settings]\nnewcomer_turns = 4\nnewcomer_weight = 2\n")
    with raises_faults(
        "clinic.toml, settings.newcomer_turns: unknown-key (newcomer_turns, Did you mean `newcomer_weight`? "
        "Known: `shortlist`, `seed`, `interval`, and more.)",
    ):
        Clinic.open(tmp_path)


def repr_size(number: float) -> str:
    """Return a short name of a number of any size."""
    return f"{'-' if number < 0 else ''}{'huge' if isinstance(number, int) else number}"


def list_number_keys() -> list[tuple[str, str]]:
    """Return each key that takes a number alone, with its model."""
    return [
        (name, field.alias or key)
        for name, model in sorted(MODELS.items())
        for key, field in model.model_fields.items()
        if {int, float} & {field.annotation, *get_args(field.annotation)}
    ]


@pytest.mark.parametrize(("model", "key"), list_number_keys())
@pytest.mark.parametrize("number", [10**300, -(10**300), 1e308, 10**5000, float("nan"), float("inf")], ids=repr_size)
def test_no_number_is_absurd(model: str, key: str, number: float) -> None:
    with pytest.raises(ValidationError) as caught:
        MODELS[model].model_validate({key: number})
    assert (key,) in [error["loc"] for error in caught.value.errors(include_input=False)]


@pytest.mark.parametrize("as_of", ["1900-01-01", "2999-12-31"])
def test_days_at_their_limits_are_dates(tmp_path: Path, as_of: str) -> None:
    shutil.copytree(SAMPLE, tmp_path / "clinic")
    days = "roster_stale_days = 100000\n[follow_up]\ndays = 100000\nrecent = 100000"
    (tmp_path / "clinic" / "clinic.toml").write_text(f"[clinic]\nas_of = {as_of}\n[settings]\n{days}\n")
    workspace = Workspace(tmp_path / "clinic")
    errors = [fault.id for fault in workspace.check().result if fault.stops]
    if errors:
        assert errors == ["as-of-before-roster-checks"]
    else:
        assert workspace.follow_up().result is not None
