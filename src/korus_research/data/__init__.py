"""The embedded data package: what is in it, read with its schema and its hash checked."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from korus_research.data.catalog import Catalog, open_catalog

__all__ = ["Catalog", "open_catalog"]


def __getattr__(name: str) -> Any:
    # The schema asks for pydantic, which nobody waits for who asks for an agreement's name only.
    if name in __all__:
        from korus_research.data import catalog

        return getattr(catalog, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
