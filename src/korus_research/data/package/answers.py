"""Stored answers: each source's answers of one day, byte for byte, so that tables can be compiled without a network.

A vintage is the content, named by its sha256, and a record, written after it, of what was asked, when, and with which
result. An answer equal to the last one is not stored again. Writers hold a lock that ends with their process, so a
killed one leaves at most a content without a record.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from korus_research.data.cache.store import bytes_of, digest
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
    """One vintage, as named by its record: when it was fetched, for which request, with which content and status."""

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
        """The file with its bytes, which other vintages of the source may share."""
        return self.record.parents[1] / "content" / self.sha256

    def read(self) -> Answer:
        """Return the answer; DamagedData if its record or its bytes are not what was stored."""
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
    """The answers in `folder`, which is created on the first write; at most `bound` bytes of them are kept."""

    def __init__(self, folder: Path, bound: int) -> None:
        self.folder = folder
        self.bound = bound

    def put(self, answer: Answer) -> bool:
        """Store an answer; return False if the newest one to the same request has the same bytes and status.

        OutputFolder if the folder can't be written, or the newest answers alone exceed the bound.
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
            # Not flushed to disk: every read is checked, and what a power failure loses can be asked for again.
            write_whole(new.content, answer.content, lasting=False)
            record = json.dumps(answer.meta(), ensure_ascii=False, indent=1) + "\n"
            write_whole(new.record, record.encode(), lasting=False)
            self._prune()
        return True

    def vintages(self) -> list[Stored]:
        """Return all vintages, oldest first."""
        return sorted(one for folder in self.folder.glob("*/*/") for one in _stored(folder))

    def newest(self) -> list[Stored]:
        """Return the last vintage of each request, oldest first: later ones of a dataset override earlier ones."""
        return sorted({one.call: one for one in self.vintages()}.values())

    def _home(self, answer: Answer) -> Path:
        return self.folder / answer.source / answer.dataset

    def _prune(self) -> None:
        """Remove the oldest vintages beyond the bound, but never the last one of a request."""
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
    """Return the user's answers: in `folder`, else in `KORUS_ANSWERS`, else in the user's data folder.

    InvalidParameter if `KORUS_ANSWERS_MB` is not a number of megabytes, or there is no home and no folder is given.
    """
    bound = bytes_of(BOUND, DEFAULT_MB)
    if named := folder or os.environ.get(FOLDER):
        return Answers(Path(named), bound)
    from platformdirs import user_data_path

    try:
        return Answers(user_data_path("korus-research", appauthor=False) / "answers", bound)
    except RuntimeError:  # a container's user without a name has no home
        raise InvalidParameter(
            "There is no home folder for stored answers", do=f"Choose a folder with {OPTION}"
        ) from None


def _call(answer: Answer) -> str:
    """Return the identity of a request: source, dataset and what was asked, whatever the day."""
    asked = [answer.source, answer.dataset, sorted(answer.request.items())]
    return digest(json.dumps(asked, ensure_ascii=False))[:16]


def _stored(folder: Path) -> Iterator[Stored]:
    """Yield the vintages of one dataset, oldest first; files with other names are not ours."""
    for path in sorted(folder.glob("*.json")):
        if name := _NAME.fullmatch(path.name):
            yield Stored(name["fetched"], name["call"], name["sha"], name["status"], path)


def _sound(stored: Stored) -> bool:
    try:
        stored.read()
    except DamagedData:
        return False
    return True
