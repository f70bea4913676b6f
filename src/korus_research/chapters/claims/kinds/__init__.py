"""Kinds of claims: each measures what was said on every basis of the fixed list, the default basis first."""
