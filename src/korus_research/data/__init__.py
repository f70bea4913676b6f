"""The embedded data package, read with its schema and hashes checked."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from korus_research.data.catalog import Catalog, open_catalog

__all__ = ["Catalog", "open_catalog"]


def __getattr__(name: str) -> Any:
    # The catalog imports pydantic, which looking up an agreement's name does not need.
    if name in __all__:
        from korus_research.data import catalog

        return getattr(catalog, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
