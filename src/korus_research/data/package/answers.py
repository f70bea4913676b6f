"""Stored answers: what each source said on one day, byte for byte, so that tables are compiled again without a network.

A vintage is the content under its sha256 and, written after it, a record that says what was asked, when, and how it was
answered. What is the same as the last time is not stored again. Writers hold a lock that goes with their process, so
that a kill leaves at most a content that no record names.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from korus_research.data.cache.store import digest
from korus_research.data.files import locked, output_errors, write_whole
from korus_research.data.sources.answer import Answer
from korus_research.errors import DamagedData, InvalidParameter, OutputFolder

FOLDER = "KORUS_ANSWERS"
BOUND = "KORUS_ANSWERS_MB"
DEFAULT_MB = 2000
OPTION = "--answers"

_LOCK = "answers"
_NAME = re.compile(r"(?P<fetched>\d{8}T\d{6}Z)-(?P<call>[0-9a-f]{16})-(?P<sha>[0-9a-f]{64})-(?P<status>\d{3})\.json")
DO = "Delete the file and ask the source again"


@dataclass(frozen=True, order=True)
class Stored:
    """One vintage as its record's name tells it: when it was fetched, of which call, with which content and status."""

    fetched: str
    call: str
    sha256: str
    status: str
    record: Path

    @property
    def dataset(self) -> tuple[str, str]:
        """The source and its dataset."""
        return self.record.parts[-3], self.record.parts[-2]

    @property
    def content(self) -> Path:
        """Where its bytes lie; other vintages of the source may share them."""
        return self.record.parents[1] / "content" / self.sha256

    def read(self) -> Answer:
        """Return the answer as it was; DamagedData where its record or its bytes are not what was stored."""
        try:
            held = json.loads(self.record.read_bytes())
            answer = Answer(**held, content=self.content.read_bytes())
            if (answer.source, answer.dataset) != self.dataset or _call(answer) != self.call:
                raise ValueError("the record is of another call")
        except Exception as problem:  # whatever is wrong with it, it is not what the source said
            reason = str(problem).splitlines()[0][:160]
            found = f"{self.record}: the stored answer is damaged ({reason})"
            raise DamagedData(found, expected="what the source answered, byte for byte", do=DO) from None
        return answer


class Answers:
    """The answers in `folder`, which is made when first written to; at most `bound` bytes of them stay."""

    def __init__(self, folder: Path, bound: int) -> None:
        self.folder = folder
        self.bound = bound

    def put(self, answer: Answer) -> bool:
        """Store an answer; return False where the newest to the same call has the same bytes and status.

        OutputFolder where the folder can't be written, or the newest answers alone outgrow the bound.
        """
        fetched, call = re.sub("[-:]", "", answer.fetched), _call(answer)
        name = f"{fetched}-{call}-{answer.sha256}-{answer.status}.json"
        new = Stored(fetched, call, answer.sha256, str(answer.status), self._home(answer) / name)
        with (
            locked(self.folder, _LOCK, patient=True, option=OPTION),
            output_errors(self.folder, option=OPTION),
        ):
            same = [one for one in _stored(self._home(answer)) if one.call == call]
            if same and (same[-1].sha256, same[-1].status) == (new.sha256, new.status) and _sound(same[-1]):
                return False
            for folder in (new.record.parent, new.content.parent):
                folder.mkdir(parents=True, exist_ok=True)
            # Not waiting for the disk: each read is checked, and what a machine without power loses is asked again.
            write_whole(new.content, answer.content, lasting=False)
            record = json.dumps(answer.meta(), ensure_ascii=False, indent=1) + "\n"
            write_whole(new.record, record.encode(), lasting=False)
            self._prune()
        return True

    def vintages(self) -> list[Stored]:
        """Return everything that is stored, the oldest first."""
        return sorted(one for folder in self.folder.glob("*/*/") for one in _stored(folder))

    def newest(self) -> list[Stored]:
        """Return the last vintage of each call, the oldest first: later ones of a dataset go over those before."""
        return sorted({one.call: one for one in self.vintages()}.values())

    def _home(self, answer: Answer) -> Path:
        return self.folder / answer.source / answer.dataset

    def _prune(self) -> None:
        """Remove the oldest vintages beyond the bound, never the last of a call that its dataset was last asked."""
        held = self.vintages()
        sizes = {one.content: one.content.stat().st_size for one in held if one.content.exists()}
        total, needed = sum(sizes.values()), set(self.newest())
        for one in [one for one in held if one not in needed]:
            if total <= self.bound:
                break
            one.record.unlink(missing_ok=True)
            if not any(other.content == one.content and other.record.exists() for other in held):
                one.content.unlink(missing_ok=True)
                total -= sizes.get(one.content, 0)
        if total > self.bound:
            raise OutputFolder(
                f"The newest answers in {self.folder} have {total >> 20:,} MB",
                expected=f"at most {self.bound >> 20:,}",
                do=f"Set {BOUND} to more, or choose another {OPTION}",
            )


def open_answers(folder: Path | None = None) -> Answers:
    """Return the user's answers: those in `folder`, else in the folder of `KORUS_ANSWERS`, else in the usual place.

    InvalidParameter where `KORUS_ANSWERS_MB` is no number of megabytes, or there is neither a home nor a folder named.
    """
    asked = os.environ.get(BOUND, str(DEFAULT_MB))
    if not re.fullmatch(r"\d{1,7}", asked):
        raise InvalidParameter(f"{BOUND} is {asked!r}", expected="a number of megabytes", do=f"Set it to {DEFAULT_MB}")
    named = folder or os.environ.get(FOLDER)
    if named:
        return Answers(Path(named), int(asked) << 20)
    from platformdirs import user_data_path

    try:
        return Answers(user_data_path("korus-research", appauthor=False) / "answers", int(asked) << 20)
    except RuntimeError:  # a container's user without a name has no home
        raise InvalidParameter("There is no home to store answers in", do=f"Name a folder by {OPTION}") from None


def _call(answer: Answer) -> str:
    """Return what tells one call from another: source, dataset and what was asked, without the day."""
    asked = [answer.source, answer.dataset, sorted(answer.request.items())]
    return digest(json.dumps(asked, ensure_ascii=False))[:16]


def _stored(folder: Path) -> Iterator[Stored]:
    """Yield the vintages of one dataset, the oldest first; names that are not the store's own are somebody's files."""
    for path in sorted(folder.glob("*.json")):
        if name := _NAME.fullmatch(path.name):
            yield Stored(name["fetched"], name["call"], name["sha"], name["status"], path)


def _sound(stored: Stored) -> bool:
    try:
        stored.read()
    except DamagedData:
        return False
    return True
