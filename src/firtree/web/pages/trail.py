"""The trail as a page: what concerns one's party, and who made it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.access import Right, scope_of
from firtree.catalogue.entry import Entry
from firtree.library.trail import TrailPage, erased_words
from firtree.parties import Maker
from firtree.parties.party import Party, Succession
from firtree.statements.statement import subject_name
from firtree.statements.types import Subject
from firtree.statements.types.erasure import Erasure
from firtree.statements.types.form import Kind
from firtree.statements.versions import Version
from firtree.web.answers import Desk, answer, check_parameters, not_modified, unchanged
from firtree.web.api.parameters import cursor_of
from firtree.web.pages.render import HTML, NOW, address, render, stamp

AnyRequest = Request[Any, Any, Any]

_ROWS = 50

_WORDS = {
    Kind.REGISTER_OPENED: "Register opened",
    Kind.MAKER_ADDED: "Maker added",
    Kind.MAKER_CHANGED: "Maker changed",
    Kind.ENTRY_ADDED: "Entry added",
    Kind.ENTRY_CHANGED: "Entry changed",
    Kind.PARTY_ADMITTED: "Party admitted",
    Kind.PARTY_CHANGED: "Party changed",
    Kind.SUCCESSION_RECORDED: "Succession",
    Kind.ACCESS_LOG_HEAD: "Access log sealed",
    Kind.KEY_ROTATED: "Key of the log changed",
    Kind.SECTION_ERASED: "Section erased",
}


class Shown(NamedTuple):
    """One statement, as the page shows it.

    Attributes:
        version: the statement.
        what: what happened.
        about: what it is about.
        link: its address; empty = it has none.
    """

    version: Version
    what: str
    about: str
    link: str


async def get_trail_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"cursor"}))
    below = cursor_of(cursor) if cursor else None
    asked = await desk.asked(request, f"trail {stamp()}")
    if unchanged(request, asked.etag):
        return not_modified(asked.etag)
    page: TrailPage = await desk.slow(
        desk.trail.page, asked.principal, below=below, limit=_ROWS
    )
    more = "" if page.below is None else address("/trail", cursor=str(page.below))
    body = render(
        "trail.html",
        place=NOW,
        past=(),
        shown=[_shown(version, page.erased) for version in page.versions],
        everything=scope_of(asked.principal, Right.READ_TRAIL).parties,
        first=below is None,
        following=more or None,
        size=asked.view.size,
    )
    return answer(body, asked.etag, HTML)


def _shown(version: Version, erased: Mapping[int, Subject]) -> Shown:
    what = _WORDS.get(version.kind, version.kind.value)
    about, link = _about(version.subject, erased)
    return Shown(version, what, about, link)


def _about(subject: Subject, erased: Mapping[int, Subject]) -> tuple[str, str]:
    """Say what a statement is about, and where that is shown; empty = nowhere."""
    match subject:
        case Entry():
            about = f"entry {subject.id}, {subject.model.key}"
            return about, f"/entries/{subject.id}"
        case Maker():
            about = f"{subject.name} ({subject.code})"
            return about, NOW.manufacturer(subject.code)
        case Party():
            about = f"{subject.name} (party {subject.id})"
            return about, f"/parties/{subject.id}"
        case Succession():
            codes = ", ".join(subject.codes) or "no codes"
            return f"{codes} from party {subject.giver} to {subject.taker}", ""
        case Erasure():
            return _erased(subject, erased.get(subject.statement))
    return subject_name(subject), ""


def _erased(erasure: Erasure, subject: Subject | None) -> tuple[str, str]:
    words = erased_words(erasure, subject)
    if isinstance(subject, Entry):
        return words, f"/entries/{subject.id}/history"
    return words, _about(subject, {})[1] if subject is not None else ""
