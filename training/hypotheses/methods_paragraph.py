"""Methods paragraph of a hypothesis test, with the references that it cites, for a manuscript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

REFERENCES = {
    "Benjamini & Hochberg, 1995": (
        "Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal "
        "Statistical Society B, 57, 289-300."
    ),
    "Dienes, 2014": (
        "Dienes, Z. (2014). Using Bayes to get the most out of non-significant results. Frontiers in Psychology, "
        "5, 781. doi:10.3389/fpsyg.2014.00781"
    ),
    "Heisig & Schaeffer, 2019": (
        "Heisig, J. P., & Schaeffer, M. (2019). Why you should always include a random slope for the lower-level "
        "variable involved in a cross-level interaction. European Sociological Review, 35, 258-279. "
        "doi:10.1093/esr/jcy053"
    ),
    "Holm, 1979": (
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of "
        "Statistics, 6, 65-70."
    ),
    "Humberg et al., 2019": (
        "Humberg, S., Nestler, S., & Back, M. D. (2019). Response surface analysis in personality and social "
        "psychology. Social Psychological and Personality Science, 10, 409-419. doi:10.1177/1948550618757600"
    ),
    "Knapp & Hartung, 2003": (
        "Knapp, G., & Hartung, J. (2003). Improved tests for a random effects meta-regression with a single "
        "covariate. Statistics in Medicine, 22, 2693-2710. doi:10.1002/sim.1482"
    ),
    "Kuznetsova et al., 2017": (
        "Kuznetsova, A., Brockhoff, P. B., & Christensen, R. H. B. (2017). lmerTest package. Journal of "
        "Statistical Software, 82(13). doi:10.18637/jss.v082.i13"
    ),
    "Lakens, 2017": (
        "Lakens, D. (2017). Equivalence tests. Social Psychological and Personality Science, 8, 355-362. "
        "doi:10.1177/1948550617697177"
    ),
    "MacKinnon et al., 2023": (
        "MacKinnon, J. G., Nielsen, M. O., & Webb, M. D. (2023). Fast and reliable jackknife and bootstrap "
        "methods for cluster-robust inference. Journal of Applied Econometrics, 38, 671-694. doi:10.1002/jae.2969"
    ),
    "Nestler et al., 2019": (
        "Nestler, S., Humberg, S., & Schönbrodt, F. D. (2019). Response surface analysis with multilevel data. "
        "Psychological Methods, 24, 291-308. doi:10.1037/met0000199"
    ),
    "Pustejovsky & Tipton, 2018": (
        "Pustejovsky, J. E., & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation. "
        "Journal of Business & Economic Statistics, 36, 672-683. doi:10.1080/07350015.2016.1247004"
    ),
    "Simonsohn et al., 2020": (
        "Simonsohn, U., Simmons, J. P., & Nelson, L. D. (2020). Specification curve analysis. Nature Human "
        "Behaviour, 4, 1208-1214. doi:10.1038/s41562-020-0912-z"
    ),
}
TESTS = {
    "trait": (
        "The therapists' mean outcomes were regressed on the therapist's number, weighted by their precision. "
        "Student's t had the degrees of freedom of therapists (Knapp & Hartung, 2003)."
    ),
    "interaction": (
        "The slope of the outcome on the client's number was estimated within each therapist. These slopes, which "
        "can differ between therapists (Heisig & Schaeffer, 2019), were regressed on the therapist's number, "
        "weighted by their precision. Student's t had the degrees of freedom of therapists (Knapp & Hartung, "
        "2003). For comparison we fitted a mixed model with a random slope and Satterthwaite's degrees of freedom "
        "(Kuznetsova et al., 2017)."
    ),
    "pair": (
        "Records were compared within therapists. The variance was clustered by therapist, with the correction for "
        "small samples and the degrees of freedom of Bell and McCaffrey (Pustejovsky & Tipton, 2018)."
    ),
    "surface": (
        "A polynomial of second degree of both numbers with random therapist intercepts was fitted (Nestler et "
        "al., 2019). Its intervals come from a bootstrap of whole therapists (MacKinnon et al., 2023). A match "
        "was judged by the checklist of Humberg et al. (2019)."
    ),
}
CORRECTIONS = {"holm": "Holm (Holm, 1979)", "bh": "Benjamini and Hochberg (Benjamini & Hochberg, 1995)"}
OUTCOMES = {
    "total": "early alliance, total score",
    "goal": "early alliance, goal scale",
    "task": "early alliance, task scale",
    "bond": "early alliance, bond scale",
    "dropout": "dropout",
    "change": "change of the alliance from session 1 to session 3",
}
DIRECTIONS = {"+": "positive", "-": "negative", "both": "of either sign"}


def format_methods_paragraph(content: Mapping[str, Any]) -> str:
    """Format the methods paragraph of a test: design, records, test, checks and software.

    Parameters
    ----------
    content : mapping
        Record of a test, small counts hidden, with ``versions``.
    """
    return " ".join(_write_sentences(content))


def list_references(text: str) -> list[str]:
    """List the references that a text cites, in the order of their authors.

    >>> [one[:12] for one in list_references("as before (Holm, 1979; Dienes, 2014)")]
    ['Dienes, Z. (', 'Holm, S. (19']
    """
    plain = text.replace("(", "").replace(")", "").replace(" al. 2", " al., 2")
    return [reference for key, reference in REFERENCES.items() if key in plain]


def _write_sentences(content: Mapping[str, Any]) -> Iterator[str]:
    records, effect = content["records"], content["effect"]
    registration = content["registration"]
    yield f"We tested the hypothesis: {content['claim'].rstrip('.')}."
    yield f"The expected effect was {DIRECTIONS[content['direction']]}."
    if registration is not None:
        yield registration["sentence"]
    yield (
        f"The outcome was {OUTCOMES[content['outcome']]}. Complete records of {_count(records['used'])} pairs were "
        f"used: {_count(records['clients'])} clients and {_count(records['therapists'])} therapists."
    )
    yield TESTS[content["kind"]]
    yield f"Covariates of the main analysis: {'; '.join(content['adjusted_for']) or 'none'}."
    yield (
        "Effects are standard deviations of the outcome for one standard deviation of the term. "
        f"Intervals have level {1 - content['alpha']:.0%}, and p is two-sided."
    )
    yield _describe_permutation(content)
    yield (
        f"The smallest effect of interest was {content['smallest_effect']:g}, and equivalence was tested against it "
        "(Lakens, 2017)."
    )
    yield f"The Bayes factor used this prior: {content['bayes_factor']['prior'].rstrip('.')} (Dienes, 2014)."
    if content["held_out_gain"] is not None:
        yield f"Predictions were checked on held-out records: {content['held_out_gain']['folds']}."
    if content["family"] is not None:
        correction = CORRECTIONS[content["family"]["correction"]]
        yield f"The p value was corrected for {content['family']['n']} hypotheses by {correction}."
    if effect["estimate"] is None:
        yield "The test could not be computed."
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    yield (
        f"Software: {versions}. Seed {content['seed']}. SHA-256 of the hypothesis {content['digest'][:12]}, "
        f"of the analysed records {content['data_digest'][:12]}."
    )


def _describe_permutation(content: Mapping[str, Any]) -> str:
    permutation, curve = content["permutation"], content["specification_curve"]
    n = len(curve["specifications"])
    text = f"A permutation test used {_count(permutation['draws'])} draws ({permutation['unit']})."
    if n > 1:
        text += (
            f" All {n} analyses that were declared equally defensible were tested together (Simonsohn et al., 2020), "
            f"with {_count(curve['joint']['draws'])} draws."
        )
    return text


def _count(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value
