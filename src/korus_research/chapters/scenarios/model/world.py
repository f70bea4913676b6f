"""One scenario at a time: which duties change, and over what the range goes (docs/methods/scenarios.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus_research.chapters.scenarios.model.choices import Duty, ScenariosSpec
from korus_research.chapters.scenarios.model.duties import Added, Duties, Former
from korus_research.chapters.scenarios.model.estimates import Estimate
from korus_research.methods.equilibrium.baseline import Array, Baseline
from korus_research.methods.equilibrium.effect import taken_out
from korus_research.methods.equilibrium.market import Deficits
from korus_research.methods.equilibrium.pair import Outcome, PairModel
from korus_research.methods.equilibrium.solve import Equilibrium


@dataclass(frozen=True)
class Case:
    """Duties between the parties on goods, as fractions: the partner's on the reporter and the reporter's on it."""

    old_partner: float
    old_reporter: float
    new_partner: float
    new_reporter: float


class World:
    """The baseline with its duties, and one method a scenario.

    Of duties in the baseline only the reporter's are known. `elsewhere` puts one rate on the goods that the partner
    imports from everybody but the reporter, to see what the lack of others' duties does.
    """

    def __init__(self, flows: Baseline, duties: Duties, spec: ScenariosSpec, *, elsewhere: float = 0.0) -> None:
        self.spec, self.duties, self.elsewhere, self.economies = spec, duties, elsewhere, flows.economies
        self.us, self.them = flows.place(spec.reporter), flows.place(spec.partner)
        self.others = duties.others_goods.reindex(flows.economies).to_numpy(dtype=float).copy()
        self.others[self.them] = duties.goods["imports"]
        none = pd.Series(0.0, index=pd.Index(flows.economies))
        self.baseline = flows.with_duties(self.wedges(none if duties.before is None else duties.before))
        self.model = PairModel(
            self.baseline, spec.reporter, spec.partner, spec.elasticity, spec.elasticities, spec.deficits
        )

    def wedges(self, rates: pd.Series) -> Array:
        """Return the reporter's duties on goods as rates on whole flows, and `elsewhere`; none on own sales."""
        n = len(self.economies)
        out = np.zeros((n, n))
        # The goods share of the partner's other imports is not in the data: that of its imports from the reporter.
        out[:, self.them] = self.elsewhere * self.duties.goods["exports"]
        out[self.us, self.them] = out[self.them, self.them] = 0.0
        out[:, self.us] = rates.reindex(self.economies).to_numpy(dtype=float) * self.others
        out[self.us, self.us] = 0.0
        return out

    def undone(self, estimate: Estimate) -> Outcome:
        """Return one estimate of the agreement's effect on goods taken out of both flows, as an iceberg cost."""
        spec = self.spec
        return taken_out(self.model, estimate.effects, self.duties.goods, draws=spec.draws, seed=spec.seed)

    def cases(self, former: Former) -> dict[str, Case]:
        """Return the duties put back: all cuts undone, the study's averages on both sides, the first day's cuts alone.

        Like is put back for like (decision 46). The first takes the reporter's side as it was realised. In the last
        what the first day left stays in force before and after.
        """
        ours, theirs = former.before
        now = 0.0 if self.duties.before is None else float(self.duties.before[self.spec.partner])
        found = {"all": Case(0.0, now, theirs, former.realised), "study": Case(0.0, 0.0, theirs, ours)}
        if former.first_day is not None:
            kept_ours, kept_theirs = former.first_day
            found["first_day"] = Case(kept_theirs, kept_ours, theirs, ours)
        return found

    def mfn(self, former: Former) -> Outcome:
        """Return both parties' duties back to those before the agreement; the range is that of all its cases."""
        goods = self.duties.goods

        def rates(partner: float, reporter: float) -> Array:
            out = self.baseline.duties.copy()
            out[self.them, self.us] = reporter * goods["imports"]
            out[self.us, self.them] = partner * goods["exports"]
            return out

        solved: dict[tuple[float, Deficits, str], Equilibrium] = {}
        for name, case in self.cases(former).items():
            base = self.baseline.with_duties(rates(case.old_partner, case.old_reporter))
            new = rates(case.new_partner, case.new_reporter)
            solved |= {(*of, name): self.model.solve(*of, duties=new, base=base) for of in self.model.variants}
        values = {key: self.model.measures(new) for key, new in solved.items()}
        return self.model.ranged(values, "all", max(new.residual for new in solved.values()))

    def new_duties(self, key: Duty, added: Added) -> Outcome:
        """Return realised duties: on the partner (new year or latest months), on all, the partner's lost margin."""
        d, model = self.duties, self.model
        everyone = self.wedges(added.after)
        latest = everyone[self.them, self.us] if d.latest is None else d.latest * self.others[self.them]
        values: dict[tuple[float, Deficits, str], Array] = {}
        worst = 0.0
        for variant in model.variants:
            if key in ("duties_partner", "duties_latest"):
                rates = self.baseline.duties.copy()
                rates[self.them, self.us] = latest if key == "duties_latest" else everyone[self.them, self.us]
            else:
                rates = everyone
            new = model.solve(*variant, duties=rates)
            worst = max(worst, new.residual)
            values[*variant, key] = found = model.measures(new)
            if key == "duties_margin":
                kept = everyone.copy()
                kept[self.them, self.us] = added.kept_margin(self.spec.partner) * self.others[self.them]
                other = model.solve(*variant, duties=kept)
                worst = max(worst, other.residual)
                values[*variant, key] = 100 * ((1 + found / 100) / (1 + model.measures(other) / 100) - 1)
        return model.ranged(values, key, worst)
