"""What people said, as data, and the judge that measures it."""

from korus_research.claims.judge import Ledger, Verdict, judge_claims
from korus_research.claims.model import Claim, ClaimSource, Word, load_claims, load_lexicon

__all__ = ["Claim", "ClaimSource", "Ledger", "Verdict", "Word", "judge_claims", "load_claims", "load_lexicon"]
