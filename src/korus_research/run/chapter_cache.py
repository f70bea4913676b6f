"""Executed chapters of earlier runs: one for which nothing has changed is not executed again."""

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

    `edition` names what is made ("korus/2026-07"); it is no part of a key, and only tells what an edition was last made
    of. With `ignore` nothing is taken from the cache, and everything is put there. `own` is the agreement's file where
    that doesn't come with the package, whose code the keys hold.
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
        """Return what a chapter's outputs depend on; to be called before it is recalled or remembered.

        Parameters
        ----------
        chapter : Chapter
        source : mapping
            Its notebook as it is now.
        given : mapping
            The parameters that it reads.
        needed : sequence of Executed
            The chapters whose findings it takes.
        """
        findings = {one.chapter.stem: self._digest(one) for one in needed if chapter.reads_findings}
        depends = self.inputs.of_chapter(chapter, source, given, findings)
        if self.own is not None:
            depends = Dependencies({**depends.parts, f"file {self.own.name}": self.own.sha256})
        self._asked[chapter.stem] = depends
        return depends

    def get(self, chapter: Chapter, source: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
        """Return the executed notebook with the Markdown of `source`, as text and as JSON; None where it must run."""

        def parse(kept: bytes) -> tuple[str, Mapping[str, Any]]:
            executed = json.loads(kept)
            now = refilled(source, executed)
            gather_findings([(chapter.stem, now)])
            # Writing all notebooks anew takes half a second.
            return (kept.decode() if now == executed else dumps(now)), now

        return None if self.ignore else self.cache.read(self._key(chapter), parse)

    def put(self, chapter: Chapter, text: str) -> None:
        """Keep the text of a notebook that has been executed."""
        self.cache.put(self._key(chapter), text.encode())

    def record(self) -> None:
        """Note what the chapters of the edition were made of, for `last`."""
        for stem, dependencies in self._asked.items():
            content = json.dumps(dependencies.parts).encode()
            if self.cache.get(self._place(stem)) != content:
                self.cache.put(self._place(stem), content)

    def last(self, chapter: Chapter) -> dict[str, str] | None:
        """Return what the chapter was made of when this edition was last made, or None if it never was."""
        return self.cache.read(self._place(chapter.stem), lambda kept: dict(json.loads(kept)))

    def _key(self, chapter: Chapter) -> str:
        return f"chapter-{self._asked[chapter.stem].key}"

    def _place(self, stem: str) -> str:
        return f"last-{digest(f'{self.edition} {stem}')}"

    def _digest(self, one: Executed) -> str:
        # An output that comes out the same stops the cascade: later chapters depend on findings, not on who made them.
        if one.text not in self._findings:
            found = gather_findings([(one.chapter.stem, one.notebook)])
            self._findings[one.text] = digest(json.dumps(found, sort_keys=True))
        return self._findings[one.text]
