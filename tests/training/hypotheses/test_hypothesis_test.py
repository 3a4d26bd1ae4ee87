"""The whole test of a hypothesis: planted effects, none, too few therapists, families, and a sample of 65 dyads."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest

import attune_fit as af
from attune_fit.data.faults import DataFault
from attune_fit.training.hypotheses import hypothesis_test
from attune_fit.training.hypotheses.conclusion import CANNOT_TELL, NOT_SUPPORTED, SUPPORTED
from attune_fit.training.hypotheses.hypothesis import Alternatives, Hypothesis
from attune_fit.training.hypotheses.hypothesis_family import apply_correction
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from attune_fit.training.hypotheses.hypothesis_result import HypothesisResult
from attune_fit.training.hypotheses.hypothesis_test import compute_data_digest, run_hypothesis_test
from attune_fit.workspace import Workspace
from tests.training.hypotheses.lab_designs import draw_records

FEATURES = {
    "trait": HypothesisFeature(therapist="years_experience", compare="number"),
    "interaction": HypothesisFeature(client="attachment_avoidance", therapist="warm_support_style", compare="product"),
    "pair": HypothesisFeature(client="presenting_problems", therapist="specialties", compare="overlap"),
    "surface": HypothesisFeature(client="warm_support_preference", therapist="warm_support_style", compare="surface"),
}
DRAWS = 199


def build_claim(kind: str = "interaction", **keys: Any) -> Hypothesis:
    return Hypothesis(name=f"claim_{kind}", claim="A claim.", feature=FEATURES[kind], **keys)


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    """A clinic with 20 therapists and 300 clients, in a world without effects."""
    return af.simulate(clients=300, therapists=20, seed=2, world="null").workspace()


@pytest.fixture
def planted(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a test on drawn records in place of the clinic's own."""

    def run(claim: Hypothesis, **design: Any) -> HypothesisResult:
        records = draw_records(claim.kind, **design)
        monkeypatch.setattr(hypothesis_test, "build_lab_records", lambda *_: records)
        return run_hypothesis_test(workspace.clinic, workspace.tables, claim, draws=DRAWS)

    return run


@pytest.mark.parametrize("kind", ["trait", "interaction", "pair"])
def test_a_planted_effect_is_supported_and_none_is_not(planted: Any, kind: str) -> None:
    found = planted(build_claim(kind, direction="+"), effect=0.4, seed=1)
    assert found.verdict == SUPPORTED
    assert found.effect.low < 0.4 < found.effect.high + 0.1
    assert found.effect.points == pytest.approx(found.effect.estimate * found.outcome_sd)
    assert found.bayes_factor.bf10 > 10
    assert found.permutation.p == found.specification_curve.joint.p_median <= 0.02  # one declared analysis
    assert found.held_out_gain is not None
    assert found.held_out_gain.r2 > found.held_out_gain.control_r2_high
    opposite = planted(build_claim(kind, direction="-"), effect=0.4, seed=1)
    assert opposite.verdict == NOT_SUPPORTED
    none = planted(build_claim(kind, smallest_effect=0.3), effect=0.0, seed=2)
    assert none.verdict == NOT_SUPPORTED
    assert none.equivalence.is_inside


def test_the_dict_has_the_attributes_and_only_types_of_json(planted: Any) -> None:
    for therapists in (20, 2):  # with two therapists most numbers are missing
        found = planted(build_claim(), therapists=therapists)
        content = found.to_dict()
        assert content.keys() == {"version", *(field.name for field in fields(HypothesisResult))}
        assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_two_therapists_cannot_tell(planted: Any) -> None:
    found = planted(build_claim(), therapists=2)
    assert found.verdict == CANNOT_TELL
    assert "could not be computed" in found.sentence
    assert found.held_out_gain is None
    assert found.to_dict()["effect"]["p"] is None


def test_the_seed_changes_draws_and_not_the_effect(planted: Any) -> None:
    first, again, other = (planted(build_claim(seed=seed), effect=0.1) for seed in (1, 1, 2))
    assert first.to_dict() == again.to_dict()
    assert other.effect == first.effect
    assert other.permutation.p != first.permutation.p


def test_the_digest_of_the_data_depends_on_every_outcome() -> None:
    records = draw_records()
    changed = replace(records, y=records.y + (records.client == 7))
    assert compute_data_digest(records) == compute_data_digest(draw_records())
    assert compute_data_digest(records) != compute_data_digest(changed)


def test_a_family_is_corrected_and_its_conclusions_follow(planted: Any) -> None:
    claim = build_claim("trait", direction="+")
    result = planted(claim, effect=0.2, seed=4)
    assert 0.005 < result.effect.p < 0.05
    assert result.verdict == SUPPORTED
    others = [(claim, planted(claim, seed=seed)) for seed in range(12, 22)]
    holm = apply_correction([(claim, result), *others])[0]
    assert holm.family is not None
    assert holm.family.adjusted_p == pytest.approx(min(1.0, 11 * result.effect.p))
    assert holm.verdict == CANNOT_TELL
    assert apply_correction([(claim, result)]) == [result]


def test_an_analysis_without_records_is_named_and_the_main_one_raises(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(_clinic: object, _tables: object, claim: Hypothesis) -> Any:
        if claim.outcome == outcome_without_records:
            raise DataFault.error("no-records", "hypothesis", "", "there is no record", fix="None.")
        return draw_records("trait")

    monkeypatch.setattr(hypothesis_test, "build_lab_records", build)
    claim = build_claim("trait", alternatives=Alternatives(outcomes=["bond"]))
    outcome_without_records = "bond"
    found = run_hypothesis_test(workspace.clinic, workspace.tables, claim, draws=9)
    assert found.specification_curve.failed == ("outcome bond",)
    outcome_without_records = "total"
    with pytest.raises(DataFault, match="there is no record"):
        run_hypothesis_test(workspace.clinic, workspace.tables, claim, draws=9)


@pytest.mark.parametrize("kind", FEATURES)
def test_a_clinic_without_effects_supports_no_claim(workspace: Workspace, kind: str) -> None:
    other = Alternatives(covariates=[["clients.phq9"]], outcomes=["bond"])
    claim = build_claim(kind, alpha=0.02, alternatives=other)  # at .05, 1 null clinic in 20 supports a claim
    steps: list[str] = []
    found = run_hypothesis_test(workspace.clinic, workspace.tables, claim, draws=199, report_progress=steps.append)
    assert found.verdict != SUPPORTED
    assert found.kind == kind
    assert len(found.specification_curve.specifications) == 4
    assert found.records.used == found.effect.n
    assert found.registration is not None
    assert not found.registration.is_registered
    assert (found.surface is not None) == (kind == "surface")
    assert len(found.real_world) == 2
    assert "predicting held-out records" in steps


def test_sixty_five_dyads_support_nothing_and_the_published_share_is_doubted() -> None:
    """Fisher & Zilcha-Mano 2024: 65 dyads, 24 to 53% of the alliance's variance out of sample."""
    clinic = af.simulate(clients=80, therapists=14, seed=4, world="null").workspace()
    claim = build_claim("pair", published_r2=0.24, published_n=65)
    found = clinic.test_hypothesis(claim).result[0]
    assert found.records.used <= 80
    assert found.verdict != SUPPORTED
    warned = {one.id: one.text for one in found.warnings}
    assert "24% of the variance out of sample, from 65 pairs" in warned["implausible-published-figure"]
    assert "implausible-held-out-gain" not in warned


def test_the_verb_reads_files_and_objects_and_lists_every_error(workspace: Workspace, tmp_path: Any) -> None:
    file = tmp_path / "claim.toml"
    file.write_text(build_claim("pair").to_toml(), encoding="utf-8")
    result = workspace.test_hypothesis([file, build_claim("trait")], correction="bh")
    assert result.to_frame()["name"].to_list() == ["claim_pair", "claim_trait"]
    assert result.to_frame()["adjusted_p"].notna().all()
    assert [one["family"]["correction"] for one in result.to_dict()] == ["bh", "bh"]
    assert result.summary.startswith("claim_pair: ")
    with pytest.raises(DataFault, match="2 of these hypotheses have this name"):
        workspace.test_hypothesis([file, file])
    with pytest.raises(DataFault, match="there is no correction `bonferroni`"):
        workspace.test_hypothesis(file, correction="bonferroni")
    with pytest.raises(ValueError, match="name at least one hypothesis"):
        workspace.test_hypothesis([])
    absent = [Hypothesis(name=name, claim="A claim.", feature={"therapist": name, "compare": "number"})  # type: ignore[arg-type]
              for name in ("first_absent", "second_absent")]  # fmt: skip
    with pytest.raises(DataFault) as caught:
        workspace.test_hypothesis(absent)
    assert all(name in str(caught.value) for name in ("first_absent", "second_absent"))
