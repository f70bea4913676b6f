"""Values of the chapter's findings; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from korus_research.chapters.products.measures import Products
from korus_research.methods.series import FLOWS, USD_PER_BN
from korus_research.show.declared import Value
from korus_research.show.words.text import Words


def names(result: Products) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences of the chapter."""
    choices, top = result.choices, str(result.preference.by_chapter().index[0])
    return {
        **result.names,
        "year": str(result.preference.year),
        "top_chapter": Words("products").labels("chapters").get(top, top),
        "top_code": top,
        "smallest_size": f"{choices.sizes_usd[0]:,.0f}",
        "largest_size": f"{choices.sizes_usd[-1] / 1e6:,.0f} million",
        "lowest_rate": f"{choices.rates_pct[0]:g}",
        "least_rate": f"{choices.least_pct:g}",
        "highest_rate": f"{choices.rates_pct[-1]:g}",
        "opened": [flow for flow in FLOWS if flow in result.estimates],
        **{f"noun_{flow}": flow for flow in FLOWS},
        **{f"years_{flow}": "{} to {}".format(*one.years) for flow, one in result.estimates.items()},
    }


def values(result: Products) -> Iterator[Value]:
    """Yield the value of every finding of the chapter."""
    held = result.preference
    year, lines = str(held.year), held.lines
    chapters = held.by_chapter()
    for name, column in (("usual", "usual_usd"), ("paid", "duty_usd"), ("saved", "saved_usd")):
        yield Value(name, lines[column].sum() / USD_PER_BN, year)
    yield Value("saved_share", 100 * lines["saved_usd"].sum() / lines["usual_usd"].sum(), year)
    yield Value("use", held.use, year)
    yield Value("top_share", 100 * chapters["saved_usd"].iloc[0] / chapters["saved_usd"].sum(), year)
    yield Value("lines", len(lines), year)
    yield Value("dutiable_share", 100 * lines["imports_usd"].sum() / held.imports, year)
    yield Value("unknown_share", 100 * held.unknown / held.imports, year)
    for what, column, ends in (
        ("size", "imports_usd", result.choices.sizes_usd),
        ("rate", "usual_pct", result.choices.rates_pct),
    ):
        use = held.by(column, ends)["use"]
        low, high = use.iloc[0], use.iloc[-1]
        for end, value in (("low", low), ("high", high), ("change", high - low)):
            yield Value(f"{what}.{end}", value, year)
    for flow, one in result.estimates.items():
        for key, slope in one.slopes.items():
            yield Value(f"growth.{flow}.{key}", slope.value, "{} to {}".format(*one.years), (slope.low, slope.high))
