"""Executed chapters of earlier runs: an unchanged chapter is not executed again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from korus_research.data.cache.store import digest
from korus_research.run.dependencies import BuildInputs, Dependencies
from korus_research.run.executed import Executed, dumps, gather_findings, refilled

if TYPE_CHECKING:
    from korus_research.data.agreements import OwnFile
    from korus_research.data.cache.store import Cache
    from korus_research.run.chapters import Chapter


@dataclass
class ChapterCache:
    """Executed chapters in a cache, by the key of their dependencies.

    `edition` ("korus/2026-07") is not part of a key; it records what the edition was last made from. With `ignore`
    nothing is read from the cache, but everything is stored. `own` is the file of a user's own agreement, which is
    part of the keys.
    """

    cache: Cache
    inputs: BuildInputs
    edition: str
    ignore: bool = False
    own: OwnFile | None = None
    _asked: dict[str, Dependencies] = field(default_factory=dict)
    _findings: dict[str, str] = field(default_factory=dict)

    def dependencies(
        self, chapter: Chapter, source: Mapping[str, Any], given: Mapping[str, Any], needed: Sequence[Executed]
    ) -> Dependencies:
        """Return what a chapter's outputs depend on; call it before `get` and `put`.

        Parameters
        ----------
        chapter : Chapter
        source : mapping
            Its present notebook.
        given : mapping
            The parameters that it reads.
        needed : sequence of Executed
            The chapters whose findings it reads.
        """
        findings = {one.chapter.stem: self._digest(one) for one in needed if chapter.reads_findings}
        depends = self.inputs.of_chapter(chapter, source, given, findings)
        if self.own is not None:
            depends = Dependencies({**depends.parts, f"file {self.own.name}": self.own.sha256})
        self._asked[chapter.stem] = depends
        return depends

    def get(self, chapter: Chapter, source: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
        """Return the executed notebook with the Markdown of `source`, as text and as JSON; None if it must run."""

        def parse(kept: bytes) -> tuple[str, Mapping[str, Any]]:
            executed = json.loads(kept)
            now = refilled(source, executed)
            gather_findings([(chapter.stem, now)])
            # Serializing all notebooks takes half a second.
            return (kept.decode() if now == executed else dumps(now)), now

        return None if self.ignore else self.cache.read(self._key(chapter), parse)

    def put(self, chapter: Chapter, text: str) -> None:
        """Store the text of an executed notebook."""
        self.cache.put(self._key(chapter), text.encode())

    def record(self) -> None:
        """Record what the chapters of the edition were made from, for `last`."""
        for stem, dependencies in self._asked.items():
            content = json.dumps(dependencies.parts).encode()
            if self.cache.get(self._place(stem)) != content:
                self.cache.put(self._place(stem), content)

    def last(self, chapter: Chapter) -> dict[str, str] | None:
        """Return what the chapter was made from when this edition was last made, or None if it never was."""
        return self.cache.read(self._place(chapter.stem), lambda kept: dict(json.loads(kept)))

    def _key(self, chapter: Chapter) -> str:
        return f"chapter-{self._asked[chapter.stem].key}"

    def _place(self, stem: str) -> str:
        return f"last-{digest(f'{self.edition} {stem}')}"

    def _digest(self, one: Executed) -> str:
        # Unchanged output stops the cascade: later chapters depend on the findings, not on how they were made.
        if one.text not in self._findings:
            found = gather_findings([(one.chapter.stem, one.notebook)])
            self._findings[one.text] = digest(json.dumps(found, sort_keys=True))
        return self._findings[one.text]
