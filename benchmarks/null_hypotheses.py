"""Count the claims that are supported at clinics where none is true: ``docs/null-clinics.md``.

Every clinic is simulated whole in the world ``null``, and each kind of claim is tested at it by the verb of the
command. Finished tests are kept in ``.cache/null-hypotheses.jsonl``: run the command again to continue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from attune_fit.simulation import simulate
from attune_fit.training.hypotheses.conclusion import CANNOT_TELL, NOT_SUPPORTED, SUPPORTED
from attune_fit.training.hypotheses.hypothesis import Alternatives, Hypothesis
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from docs.tables import format_table

PAGE = Path("docs/null-clinics.md")
CACHE = Path(".cache/null-hypotheses.jsonl")
COMMAND = "python -m benchmarks.null_hypotheses"
RUNS = 200
MOST_SUPPORTED = 16  # of 200: 5% would be 10, and more than 16 have a chance of 2%
CLIENTS, THERAPISTS = 250, 24
ALTERNATIVES = Alternatives(covariates=[["clients.phq9"]], outcomes=["bond"])
FEATURES = {
    "trait": HypothesisFeature(therapist="years_experience", compare="number"),
    "interaction": HypothesisFeature(client="attachment_avoidance", therapist="warm_support_style", compare="product"),
    "pair": HypothesisFeature(client="presenting_problems", therapist="specialties", compare="overlap"),
    "surface": HypothesisFeature(client="directiveness_preference", therapist="directiveness_style", compare="surface"),
}


@dataclass(frozen=True)
class NullTest:
    """The test of one kind of claim at one clinic."""

    kind: str
    seed: int
    verdict: str
    p: float | None
    joint_p: float | None
    warnings: tuple[str, ...] = ()


def run_null_clinic(seed: int, kinds: Mapping[str, HypothesisFeature]) -> Iterator[NullTest]:
    """Simulate one clinic without effects, and yield the test of each kind of claim at it."""
    clinic = simulate(clients=CLIENTS, therapists=THERAPISTS, seed=seed, world="null").workspace()
    for kind, feature in kinds.items():
        claim = Hypothesis(
            name=f"null_{kind}", claim="No claim is true here.", seed=seed, feature=feature, alternatives=ALTERNATIVES
        )
        found = clinic.test_hypothesis(claim).to_dict()
        joint = found["specification_curve"]["joint"]["p_median"]
        warned = tuple(one["id"] for one in found["warnings"])
        yield NullTest(kind, seed, found["verdict"], found["effect"]["p"], joint, warned)


def read_finished() -> list[NullTest]:
    """Read the tests that an earlier run finished."""
    lines = CACHE.read_text(encoding="utf-8").splitlines() if CACHE.exists() else []
    return [NullTest(**json.loads(line)) for line in lines]


def list_rows(tests: list[NullTest], runs: int) -> Iterator[tuple[str, ...]]:
    """Yield one table row for each kind of claim."""
    for kind in FEATURES:
        of_kind = [one for one in tests if one.kind == kind and one.seed < runs]
        counts = [sum(one.verdict == verdict for one in of_kind) for verdict in (SUPPORTED, NOT_SUPPORTED, CANNOT_TELL)]
        below = sum(one.p is not None and one.p < 0.05 for one in of_kind)
        yield kind, *map(str, counts), str(below), str(sum(one.p is None for one in of_kind)), str(len(of_kind))


def format_page(tests: list[NullTest], runs: int) -> str:
    """Format the page as Markdown."""
    headers = ("kind of claim", SUPPORTED, NOT_SUPPORTED, CANNOT_TELL, "p < .05", "no result", "clinics")
    return f"""# Claims at clinics where no claim is true

Written by `{COMMAND}`.

Each clinic is simulated whole: {CLIENTS} clients, {THERAPISTS} therapists, and the world `null`, in which no pair fits
better than another. `Workspace.test_hypothesis` tests one claim of each kind at it, with four declared analyses.
A test at the 5% level errs at about 10 of 200 clinics; more than {MOST_SUPPORTED} would show that it is wrong.

{format_table(headers, list_rows(tests, runs))}
*Supported* needs more than p < .05: the joint test of all declared analyses has to agree, and an effect has to be large
enough to matter. So it is rarer. *Not supported* needs a narrow interval: many clinics of this size cannot give one.
"""


def main() -> None:
    """Test every kind of claim at every clinic, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="clinics; the seeds are 0 to runs - 1")
    parser.add_argument("--no-page", action="store_true", help="print only")
    options = parser.parse_args()
    tests = read_finished()
    done = {(one.kind, one.seed) for one in tests}
    for seed in range(options.runs):
        kinds = {kind: feature for kind, feature in FEATURES.items() if (kind, seed) not in done}
        for one in run_null_clinic(seed, kinds) if kinds else ():
            tests.append(one)
            CACHE.parent.mkdir(exist_ok=True)
            with CACHE.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(one)) + "\n")
        if kinds:
            supported = ", ".join(f"{row[0]} {row[1]} of {row[-1]}" for row in list_rows(tests, seed + 1))
            print(f"{seed + 1}/{options.runs} clinics; supported: {supported}", flush=True)
    if options.no_page:
        print(*list_rows(tests, options.runs), sep="\n")
    else:
        PAGE.write_text(format_page(tests, options.runs), encoding="utf-8")
        print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
