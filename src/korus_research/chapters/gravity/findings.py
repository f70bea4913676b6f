"""Values of the findings of the gravity estimates; `findings.toml` describes each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import NormalDist

from korus_research.chapters.gravity.estimate import PARTS, percent
from korus_research.chapters.gravity.measures import Gravity
from korus_research.errors import NotIdentified
from korus_research.methods.poisson.placebo import RandomisationTest
from korus_research.methods.poisson.standard import STANDARDS
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("gravity")
WAYS: Mapping[Flow, str] = {"exports": "to", "imports": "from"}
_LOGS = 4  # decimals at which a distance in logs is at the edge
_P = 3  # the same of a p-value


def names(gravity: Gravity) -> dict[str, str]:
    """Return the names used in sentences about the estimates."""
    spec = gravity.spec
    return {
        "reporter_adjective": spec.reporter,
        "partner": "the partner",
        **spec.names,
        "level": f"{100 * spec.level:.0f} percent",
        "share": f"{100 * spec.share:.0f} percent",
        "entry_year": str(spec.entry_year),
        "reference": str(gravity.reference_year),
        "compared_with": WORDS.label(f"compared.{gravity.main.standard}", reference=str(gravity.reference_year)),
    }


def values(gravity: Gravity) -> Iterator[Value]:
    """Yield every finding of the estimates."""
    main, spec, period = gravity.main, gravity.spec, span(gravity.main.years)
    for flow in FLOWS:
        for found in (*_main(gravity, flow, period), *_path(gravity, flow), *_parts(gravity, flow, period)):
            yield found._replace(says={"way": WAYS[flow]})
    yield _clustered(gravity, "average.effect", main.average, main.average_error, period)
    yield from _pairs(gravity, period)
    yield from _coverage(gravity)
    yield from _together(gravity, period)
    yield from _standards(gravity, period)
    for key, value in (
        ("floor", main.test.floor),
        ("level", 100 * spec.level),
        ("countries", gravity.countries),
        ("observations", main.observations),
        ("reference", gravity.reference_year),
        ("first_year", main.years[0]),
        ("last_year", main.years[-1]),
    ):
        yield Value(key, value, period)


def span(years: Sequence[int]) -> str:
    """Return `1988 to 2016, every fourth year`."""
    kind = "fourth" if {b - a for a, b in pairwise(years)} == {4} else "other"
    return WORDS.label(f"span.{kind}", first=str(years[0]), last=str(years[-1]), count=str(len(years)))


def _effect(gravity: Gravity, key: str, b: float, test: RandomisationTest, period: str) -> Value:
    """Return an effect in percent with its interval by randomisation."""
    return _within_reach(gravity, key, b, test.reach(gravity.spec.level), test, period)


def _within_reach(gravity: Gravity, key: str, b: float, reach: float, test: RandomisationTest, period: str) -> Value:
    bounds = (percent(b - reach), percent(b + reach))
    return Value(key, percent(b), period, bounds, interval=_randomised(gravity, test))


def _randomised(gravity: Gravity, test: RandomisationTest) -> str:
    return WORDS.label("interval.randomised", level=names(gravity)["level"], placebos=str(len(test.placebos)))


def _clustered(gravity: Gravity, key: str, b: float, error: float, period: str) -> Value:
    """Return an effect with the interval of the usual errors, clustered by pair."""
    reach = NormalDist().inv_cdf(0.5 + gravity.spec.level / 2) * error
    kind = WORDS.label("interval.clustered", level=names(gravity)["level"])
    return Value(key, percent(b), period, (percent(b - reach), percent(b + reach)), interval=kind)


def _main(gravity: Gravity, flow: Flow, period: str) -> Iterator[Value]:
    main = gravity.main
    b, test = main.effects[flow], main.test
    reach = test.reach(gravity.spec.level)
    yield _effect(gravity, f"{flow}.effect", b, test, period)
    yield Value(f"{flow}.log", b, period, (b - reach, b + reach), interval=_randomised(gravity, test))
    yield Value(f"{flow}.p", test.p_value(b), period)
    yield Value(f"{flow}.beyond", test.beyond(b), period)
    yield Value(f"{flow}.within", _place(reach - abs(b), _LOGS), period)
    yield _clustered(gravity, f"{flow}.clustered", b, main.errors[flow], period)
    yield Value(f"{flow}.low", percent(b - reach), period)
    yield Value(f"{flow}.high", percent(b + reach), period)
    for standard in STANDARDS:
        if (standing := main.standings.get(standard)) is None:
            yield Value(f"{flow}.standard.{standard}", None, period)
        else:
            yield _effect(gravity, f"{flow}.standard.{standard}", standing.effects[flow], standing.test, period)


def _standards(gravity: Gravity, period: str) -> Iterator[Value]:
    """Yield the standard of comparison, the errors of all standards on placebo flows, and whether these return."""
    main, past = gravity.main, gravity.main.past
    yield Value("standard", main.standard, period)
    for standard in STANDARDS:
        standing = main.standings.get(standard)
        yield Value(f"error.{standard}", None if standing is None else 100 * standing.error, period)
    reach = 0.0 if past is None else NormalDist().inv_cdf(0.5 + gravity.spec.level / 2) * past.error
    slope = None if past is None else past.slope
    yield Value("slope", slope, period)
    yield Value("returns", None if slope is None else side(slope - reach, slope + reach), period)
    yield Value("slope_error", None if past is None else past.error, period)


def side(low: float, high: float) -> str:
    """Return `return` where a slope is above zero, `move_on` where it is below, `neither` where it may be zero."""
    return "return" if low > 0 else "move_on" if high < 0 else "neither"


def _path(gravity: Gravity, flow: Flow) -> Iterator[Value]:
    """Yield the flow's first and last year relative to the reference year, and the test of all before it."""
    path = gravity.path[gravity.path["flow"] == flow].set_index("year").sort_index()
    first, last = int(path.index[0]), int(path.index[-1])
    for key, year in (("last", last), ("earliest", first)):
        b, reach = float(path["effect"][year]), float(path["reach"][year])
        yield _within_reach(gravity, f"{flow}.{key}", b, reach, gravity.main.test, str(year))
        yield Value(f"{flow}.{key}_within", _place(reach - abs(b), _LOGS), str(year))
    p, period = gravity.pretrend.get(flow), f"{first} to {gravity.reference_year}"
    yield Value(f"{flow}.drift", p, period)
    usual = None if p is None else _place(p - (1 - gravity.spec.level), _P)
    yield Value(f"{flow}.drift_within", usual, period)


def _parts(gravity: Gravity, flow: Flow, period: str) -> Iterator[Value]:
    """Yield the effect beside parts of the comparable pairs; too few of them give no interval."""
    b = gravity.main.effects[flow]
    for part in PARTS:
        test = gravity.main.among(part, large=gravity.spec.large)
        try:
            effect: Value = _effect(gravity, f"{flow}.{part}", b, test, period)
            p: float | None = test.p_value(b)
        except NotIdentified:
            effect, p = Value(f"{flow}.{part}", None, period), None
        yield effect
        yield Value(f"{flow}.{part}_p", p, period)


def _pairs(gravity: Gravity, period: str) -> Iterator[Value]:
    """Yield how many comparable pairs there are, and how large."""
    spec, placebos = gravity.spec, gravity.main.placebos
    yield Value("placebos", len(placebos), period)
    yield Value("countries_of_pairs", len({*placebos.index.get_level_values(0)}), period)
    yield Value("pairs", len(placebos) / 2, period)
    for part in PARTS:
        yield Value(f"pairs_{part}", len(gravity.main.among(part, large=spec.large).placebos) / 2, period)
    sizes = {"floor": spec.share, "median": placebos["size"].median(), "most": placebos["size"].max()}
    for key, share in {**sizes, "large": spec.large}.items():
        yield Value(f"size.{key}", 100 * float(share), period)


def _coverage(gravity: Gravity) -> Iterator[Value]:
    """Yield the shares of Census exports that the panel holds, and exports if this pair's alone had changed.

    The panel's exports are mostly the exporter's own reports; what is lost of all of them is in the exporter-year
    effect. So the share held of exports to the partner is set beside that of the others, and told as what it is: a
    condition, not a correction. For imports the reports are the partner's, of which the Census figures say nothing.
    """
    table = gravity.coverage[gravity.coverage["flow"] == "exports"].set_index("year")
    first, last = gravity.reference_year, gravity.main.years[-1]
    for whose in ("partner", "others"):
        for key, year in (("first", first), ("last", last)):
            share = 100 * float(table[whose][year]) if year in table.index else None
            yield Value(f"exports.coverage.{whose}_{key}", share, str(year))
    tilt, even = None, Value("exports.last_even", None, str(last))
    if {first, last} <= set(table.index):
        then, now = (float(table["partner"][year] / table["others"][year]) for year in (first, last))
        tilt = 100 * (now / then - 1)
        row = gravity.path[(gravity.path["flow"] == "exports") & (gravity.path["year"] == last)].iloc[0]
        b = float(row["effect"]) - math.log1p(tilt / 100)
        even = _within_reach(gravity, "exports.last_even", b, float(row["reach"]), gravity.main.test, str(last))
    yield Value("exports.coverage.tilt", tilt, f"{first} to {last}")
    yield even


def _together(gravity: Gravity, period: str) -> Iterator[Value]:
    """Yield the states that concern both flows together."""
    level, main = gravity.spec.level, gravity.main
    last = main.years[-1]
    path = gravity.path.set_index(["year", "flow"])
    reach, effect = path["reach"], path["effect"]
    within = [main.test.reach(level) > abs(main.effects[flow]) for flow in FLOWS]
    yield Value("flows_within", _how_many(within), period)
    yield Value("flows_within_last", _how_many([reach[last, f] > abs(effect[last, f]) for f in FLOWS]), str(last))
    turned = [_printed(main.effects[flow]) * _printed(main.standings["mean"].effects[flow]) < 0 for flow in FLOWS]
    yield Value("sign_turns", _how_many(turned), period)
    zero = [e.test.reach(level) > abs(e.effects[flow]) for e in gravity.estimates.values() for flow in FLOWS]
    yield Value("intervals", "all" if all(zero) else "some" if any(zero) else "none", period)


def _how_many(holds: Sequence[bool]) -> str | None:
    """Return which of two flows: `both`, `neither` or `one`; None where there are no flows to count."""
    return ("neither", "one", "both")[sum(holds)] if holds else None


def _place(distance: float, decimals: int) -> str:
    """Return `within` for a positive distance to the edge, `outside` for a negative, `edge` for one printed as 0."""
    shown = round(distance, decimals)
    return "within" if shown > 0 else "outside" if shown < 0 else "edge"


def _printed(logs: float) -> int:
    """Return the sign of an effect as it is printed."""
    shown = round(percent(logs))
    return (shown > 0) - (shown < 0)
