"""From the data to a verdict, and from the verdict to its sentence."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import study
from ..store import RecordError
from . import data
from .entry import UNITS, Claim, ClaimError, entries

LEVEL = 0.05  # of each family of claims, after Holm
HINT = 0.01  # a corrected p from here to LEVEL decides, but only just: the sentence says so
FEWEST = 3  # runs on each side; below that there is no verdict
RESAMPLES = 2_000
DIGITS = 3  # at most behind the point
MINUS = "\N{MINUS SIGN}"
GLUE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Decision:
    """What the data say about a claim.

    estimate, low, high: first minus against with its 95 % interval, not corrected for other claims. p: two-sided;
    p_holm: corrected for the claims of its family, and decisive. among: how many claims its family has.
    n: the fewer runs of the two sides, or the reviews. values: the number of every run, for each side (one side where it is compared with a number, or in pairs).
    error: why it could not be decided; all numbers are then NaN. processors: where the runs were made.
    """

    claim: Claim
    estimate: float
    low: float
    high: float
    means: tuple[float, float]
    values: tuple[tuple[float, ...], ...]
    n: int
    test: str
    p: float
    p_holm: float = float("nan")
    among: int = 1
    verdict: str = "undecided"
    error: str = ""
    processors: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence that the verdict chooses, with its numbers."""
        unit = UNITS[self.claim.unit]

        def level(value):
            return unit.level.format(value * unit.scale).replace("-", MINUS)

        words = {"first": level(self.means[0]), "against": level(self.means[1])}
        size = _number(abs(self.estimate), unit)
        words |= {"size": f"{size} {unit.word}".strip(), "evidence": self.evidence}
        return getattr(self.claim, self.verdict).format(**words)

    @property
    def evidence(self) -> str:
        """'(+0.9 points, 95 % interval +0.4 to +1.4; 3 and 5 seeds)', without an interval where there is one run.

        Where the interval, which is of this claim alone, and the verdict, which allows for its family, seem to disagree,
        the corrected p is told as well; so it is where it is only just small enough, from `HINT` on.
        """
        unit, told = UNITS[self.claim.unit], [x for x in (self.estimate, self.low, self.high) if np.isfinite(x)]
        while told and max(abs(x) * unit.scale for x in told) < 0.5 * 10**-unit.digits and unit.digits < DIGITS:
            unit = replace(unit, digits=unit.digits + 1)  # '+0.0, interval −0.0 to +0.0' says nothing
        most = unit.digits if unit is not UNITS[self.claim.unit] else DIGITS  # of a single number
        estimate, low, high = (_number(x, unit, most, signed=True) for x in (self.estimate, self.low, self.high))
        what = f"95{GLUE}% interval" + (" for one more run" if self.claim.one_run else "")
        interval = f"{what} {low} to {high}" if np.isfinite(self.low) else "no interval"
        leaves_out_zero = self.low > 0 or self.high < 0
        if self.n >= FEWEST and leaves_out_zero != (self.verdict != "undecided"):
            interval += f" taken alone, p{GLUE}={GLUE}{_probability(self.p_holm)} among {self.among} comparisons"
        elif self.verdict != "undecided" and self.p_holm >= HINT:
            among = f" among {self.among} comparisons" if self.among > 1 else ""
            interval += f", p{GLUE}={GLUE}{_probability(self.p_holm)}{among}"
        return f"({f'{estimate} {unit.word}'.strip()}, {interval}; {self.counted})"

    @property
    def counted(self) -> str:
        """How many runs, or reviews, it rests on."""
        if self.claim.over == "reviews":
            return f"{self.n:,} reviews"
        counts = [len(values) for values in self.values]
        first = self.claim.side("first")
        runs = isinstance(first, dict) and study.get(first["study"]).runs
        several = "seeds" if runs and not self.claim.pair else "networks"
        if self.claim.per:
            return f"{counts[0]} kinds of network"
        told = f"{' and '.join(map(str, dict.fromkeys(counts)))} {several if max(counts) > 1 else several[:-1]}"
        return f"{told} each" if len(set(counts)) < len(counts) else told

    def as_dict(self) -> dict[str, Any]:
        """For `python -m rnnbook claims --json`."""
        made = {"id": self.claim.id, "study": self.claim.study, "chapter": self.claim.chapter}
        made |= {key: _plain(getattr(self, key)) for key in ("estimate", "low", "high", "n", "verdict")}
        made |= {"sentence": "" if self.error else self.sentence, "unit": self.claim.unit, "test": self.test}
        made |= {"p": _plain(self.p), "p_holm": _plain(self.p_holm), "family": self.claim.family or self.claim.id}
        return made | ({"error": self.error} if self.error else {})


def decide(claims=None, folder=None) -> dict[str, Decision]:
    """A decision for each claim, by identifier. claims: those of the course unless given; families must be complete."""
    claims = entries() if claims is None else claims
    made = [_measure(claim, folder) for claim in claims]
    families: dict[str, list[int]] = {}
    for index, decision in enumerate(made):
        if not decision.error:
            families.setdefault(decision.claim.family or decision.claim.id, []).append(index)
    for members in families.values():
        for index, p_holm in zip(members, holm([made[index].p for index in members]), strict=True):
            verdict = _verdict(made[index], p_holm)
            made[index] = replace(made[index], p_holm=p_holm, among=len(members), verdict=verdict)
    return {decision.claim.id: decision for decision in made}


def holm(p_values) -> list[float]:
    """Holm's correction [Holm, 1979]: the smallest p times their number, the next times one less, and so on; none below one before it.

    As `statsmodels` does it, which collects garbage at every call: in a book's build, a third of a second for each family.
    """
    p, order = np.asarray(p_values), np.argsort(p_values)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return corrected.tolist()


def _verdict(decision, p_holm):
    if decision.n < FEWEST or not p_holm < LEVEL:
        return "undecided"
    return "higher" if decision.estimate > 0 else "lower"


def _measure(claim, folder):
    try:
        if claim.over == "reviews":
            return _over_reviews(claim, folder)
        first, against = claim.side("first"), claim.side("against")
        a = data.sample(first, folder)
        if isinstance(against, float):
            compare = _against_one_run if claim.one_run else _against_number
            return replace(compare(claim, a["chosen"].to_numpy(), against), processors=_processors(a))
        b = data.sample(against, folder)
        processors = _processors(a, b)
        together = [claim.per] if claim.per else list(claim.pair)
        if claim.per:
            a, b = _per_kind(a, claim.per), _per_kind(b, claim.per)
        if together:
            pairs = a.merge(b, on=together, suffixes=("", "_against"), validate="1:1")
            if len(pairs) < max(len(a), len(b)):
                raise ClaimError(f"{claim.id}: not every {claim.per or 'network'} has both values.")
            made = _paired(claim, pairs["chosen"].to_numpy(), pairs["chosen_against"].to_numpy())
        else:
            made = _welch(claim, a["chosen"].to_numpy(), b["chosen"].to_numpy())
        return replace(made, processors=processors)
    except (ClaimError, RecordError, KeyError) as error:
        nan = float("nan")
        return Decision(claim, nan, nan, nan, (nan, nan), (), 0, "", nan, error=str(error))


def _per_kind(runs, column):
    """The mean of the chosen numbers over the runs of each kind, as a frame."""
    return runs.groupby(column)["chosen"].mean().reset_index()


def _processors(*frames):
    return tuple(sorted({name for frame in frames if "processor" in frame for name in frame["processor"]}))


def _welch(claim, a, b):
    """Welch's t test: two groups of runs, each with its own spread. Nothing is paired."""
    from scipy import stats

    estimate, n = a.mean() - b.mean(), min(len(a), len(b))
    if n < 2 or (a.std() == 0 and b.std() == 0):
        p, low, high = _without_spread(estimate, n)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # one side without any spread is fine
            result = stats.ttest_ind(a, b, equal_var=False)
        p, (low, high) = result.pvalue, result.confidence_interval(1 - LEVEL)  # pyright: ignore[reportAttributeAccessIssue]
    return Decision(claim, estimate, low, high, (a.mean(), b.mean()), (tuple(a), tuple(b)), n, "Welch", p)


def _paired(claim, a, b):
    difference = a - b
    made = _against_number(claim, difference, 0.0)
    return replace(made, means=(a.mean(), b.mean()), test="paired t")


def _against_number(claim, values, number):
    from scipy import stats

    estimate, n = values.mean() - number, len(values)
    if n < 2 or values.std() == 0:
        p, low, high = _without_spread(estimate, n)
    else:
        result = stats.ttest_1samp(values, number)
        p, (low, high) = result.pvalue, (x - number for x in result.confidence_interval(1 - LEVEL))  # pyright: ignore[reportAttributeAccessIssue]
    return Decision(claim, estimate, low, high, (values.mean(), number), (tuple(values),), n, "Student's t", p)


def _against_one_run(claim, values, number):
    """Our runs against one run of others, of which one number is known: it may vary as each of ours does.

    The interval is where one more run of ours is to be expected (prediction interval), less that number. Nothing is known
    of the spread of others' runs, so it is taken to be that of ours.
    """
    from scipy import stats

    estimate, n = values.mean() - number, len(values)
    if n < 2 or values.std() == 0:
        p, low, high = _without_spread(estimate, n)
    else:
        error = values.std(ddof=1) * np.sqrt(1 + 1 / n)
        reach = stats.t.ppf(1 - LEVEL / 2, n - 1) * error
        p, low, high = 2 * stats.t.sf(abs(estimate) / error, n - 1), estimate - reach, estimate + reach
    made = (estimate, low, high, (values.mean(), number), (tuple(values),), n)
    return Decision(claim, *made, "prediction of one run", float(p))


def _without_spread(estimate, n):
    """All runs agree to the last digit: no t test has a say. Too few runs decide nothing."""
    return (1.0 if estimate == 0 or n < FEWEST else 0.0, *((estimate, estimate) if n >= FEWEST else (np.nan, np.nan)))


def _over_reviews(claim, folder):
    """One network, or the mean of several, against another on the same test reviews: McNemar, and a bootstrap."""
    from scipy import stats
    from statsmodels.stats.contingency_tables import mcnemar

    a, b = (data.right(claim.side(side), folder) for side in ("first", "against"))
    difference = a - b
    resampled = stats.bootstrap(
        (difference,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(0), batch=100
    )
    low, high = resampled.confidence_interval
    if set(np.unique(difference)) <= {-1.0, 0.0, 1.0}:
        wins, losses = int((difference > 0).sum()), int((difference < 0).sum())
        test, p = "McNemar", mcnemar([[0, wins], [losses, 0]], exact=False).pvalue  # pyright: ignore[reportAttributeAccessIssue]
    else:
        test, p = "t over reviews", stats.ttest_1samp(difference, 0).pvalue  # pyright: ignore[reportAttributeAccessIssue]
    means = (a.mean(), b.mean())
    return Decision(claim, difference.mean(), low, high, means, (), len(difference), test, float(p))


def _number(value, unit, most=DIGITS, signed=False):
    for digits in range(unit.digits, most + 1):  # '+0.0' hides on which side of zero a number lies: tell one digit more
        text = f"{value * unit.scale:{'+' if signed else ''}.{digits}f}"
        if float(text) or not value:
            return text.replace("-", MINUS)
    return text.replace("-", MINUS)


def _probability(p):
    """p with two digits, below a tenth with three, or as many as it takes not to read as `LEVEL` itself or as 0."""
    told = (f"{p:.{digits}f}" for digits in range(2 if p >= 0.1 else 3, DIGITS + 8))
    return next(text for text in told if float(text) not in (0, LEVEL) or p in (0, LEVEL))


def _plain(value):
    return (
        None
        if isinstance(value, float) and not np.isfinite(value)
        else value
        if isinstance(value, (int, str))
        else float(value)
    )
