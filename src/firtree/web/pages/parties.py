"""Parties as pages: who takes part, and for administrators what is decided of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from firtree.access import Principal
from firtree.errors import ConflictError, FirtreeError, InvalidInputError, Problem
from firtree.exchange.party_form import (
    PARTS,
    PartyForm,
    form_of,
    read_day,
    read_form,
    read_suspension,
)
from firtree.library.accounts.access_log import Event
from firtree.library.parties import PartyView
from firtree.parties import ADMITTED
from firtree.parties.directory import Handover
from firtree.parties.party import Party
from firtree.web import forms
from firtree.web.answers import Desk, check_parameters, principal_of
from firtree.web.forms import Form
from firtree.web.pages.render import NOW, render, sentence
from firtree.web.pages.sign_in import in_words

AnyRequest = Request[Any, Any, Any]

_PARTY_FIELDS = ("name", "kinds", *PARTS)
_EMPTY = PartyForm("", (), dict.fromkeys(PARTS, ""))


class Shown(NamedTuple):
    """What a party's page shows besides the party.

    Attributes:
        faults: what was wrong with what was sent.
        form: what was written, where it has to be mended.
        handover: what a succession would change, to be confirmed.
        taker, on, reason: of that succession, as they were written.
        done: what was decided just now.
    """

    faults: tuple[str, ...] = ()
    form: PartyForm | None = None
    handover: Handover | None = None
    taker: str = ""
    on: str = ""
    reason: str = ""
    done: str = ""


_NOTHING = Shown()


async def get_parties_page(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    check_parameters(request, frozenset())
    return await _list(request, desk, _EMPTY)


async def _list(
    request: AnyRequest, desk: Desk, form: PartyForm, faults: tuple[str, ...] = ()
) -> Response[bytes]:
    found = await desk.slow(desk.parties.every, principal_of(request))
    body = render(
        "parties.html",
        place=NOW,
        past=(),
        parties=found,
        form=form,
        faults=faults,
        parts=PARTS,
        kinds=[kind.value for kind in ADMITTED],
    )
    return forms.page(body, status=422 if faults else 200)


async def post_party(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    sent = await forms.read_form(request, desk, _PARTY_FIELDS)
    form = _party_form(sent)

    def admit(principal: Principal) -> int:
        party_id, _ = desk.parties.admit(principal, read_form(form))
        return party_id

    try:
        party_id = await desk.slow(admit, principal_of(request))
    except InvalidInputError as error:
        return await _list(request, desk, form, faults_of(error))
    _note(request, desk, party_id, "admitted")
    return forms.see_other(f"/parties/{party_id}")


def _party_form(sent: Form) -> PartyForm:
    parts = {name: sent.text(name) for name in PARTS}
    return PartyForm(sent.text("name"), sent.texts("kinds"), parts)


def _note(request: AnyRequest, desk: Desk, party_id: int, detail: str) -> None:
    entrance = forms.entrance_of(desk)
    entrance.note(request.scope, Event.PARTY_CHANGED, about=party_id, detail=detail)


async def get_party_page(
    request: AnyRequest, *, desk: NamedDependency[Desk], party_id: FromPath[int]
) -> Response[bytes]:
    check_parameters(request, frozenset())
    return await _one(request, desk, party_id, _NOTHING)


async def _one(
    request: AnyRequest, desk: Desk, party_id: int, shown: Shown
) -> Response[bytes]:
    principal = principal_of(request)
    view: PartyView = await desk.slow(desk.parties.one, principal, party_id)
    others = await desk.slow(desk.parties.every, principal)
    facts = shown._asdict() | {"form": shown.form or form_of(view.party)}
    body = render(
        "party.html",
        place=NOW,
        past=(),
        view=view,
        party=view.party,
        others=[one.party for one in others if one.party.id != party_id],
        parts=PARTS,
        kinds=[kind.value for kind in ADMITTED],
        names={one.party.id: one.party.name for one in others},
        lines=form_of(view.party).parts,
        **facts,
    )
    return forms.page(body, status=422 if shown.faults else 200)


async def post_change(
    request: AnyRequest, *, desk: NamedDependency[Desk], party_id: FromPath[int]
) -> Response[bytes]:
    sent = await forms.read_form(request, desk, (*_PARTY_FIELDS, "seen"))
    form, seen = _party_form(sent), sent.number("seen")

    def change(principal: Principal) -> object:
        def changed(before: Party) -> Party:
            return read_form(form, before)

        return desk.parties.change(principal, party_id, changed, seen=seen)

    shown = Shown(form=form)
    return await _decided(request, desk, party_id, change, told="changed", shown=shown)


async def post_suspension(
    request: AnyRequest, *, desk: NamedDependency[Desk], party_id: FromPath[int]
) -> Response[bytes]:
    sent = await forms.read_form(request, desk, ("since", "reason", "seen"))
    since, reason, seen = sent.text("since"), sent.text("reason"), sent.number("seen")

    def suspend(principal: Principal) -> object:
        suspension = read_suspension(since, reason, desk.parties.today())
        return desk.parties.suspend(principal, party_id, suspension, seen=seen)

    return await _decided(request, desk, party_id, suspend, told="suspended")


async def post_reinstatement(
    request: AnyRequest, *, desk: NamedDependency[Desk], party_id: FromPath[int]
) -> Response[bytes]:
    sent = await forms.read_form(request, desk, ("seen",))
    seen = sent.number("seen")

    def reinstate(principal: Principal) -> object:
        return desk.parties.suspend(principal, party_id, None, seen=seen)

    return await _decided(request, desk, party_id, reinstate, told="reinstated")


async def post_succession(
    request: AnyRequest, *, desk: NamedDependency[Desk], party_id: FromPath[int]
) -> Response[bytes]:
    """Show what a succession would change; record it once that was confirmed."""
    known = ("taker", "on", "reason", "confirmed")
    sent = await forms.read_form(request, desk, known)
    taker, reason, on = sent.number("taker"), sent.text("reason"), sent.text("on")
    shown = Shown(taker=str(taker), on=on, reason=reason)

    def handover(principal: Principal) -> Handover:
        day = read_day("on", on, desk.parties.today())
        return desk.parties.handover(principal, party_id, taker, day, reason)

    def succeed(principal: Principal) -> object:
        day = read_day("on", on, desk.parties.today())
        return desk.parties.succeed(principal, party_id, taker, day, reason)

    if sent.text("confirmed") == "yes":
        told = f"succeeded by party {taker}"
        return await _decided(request, desk, party_id, succeed, told=told, shown=shown)
    try:
        made = await desk.slow(handover, principal_of(request))
    except InvalidInputError as error:
        shown = shown._replace(faults=faults_of(error))
        return await _one(request, desk, party_id, shown)
    return await _one(request, desk, party_id, shown._replace(handover=made))


async def _decided(
    request: AnyRequest,
    desk: Desk,
    party_id: int,
    decide: Callable[[Principal], object],
    *,
    told: str,
    shown: Shown = _NOTHING,
) -> Response[bytes]:
    """Decide, note it, and show the party; or show what was wrong."""
    try:
        recorded = await desk.slow(decide, principal_of(request))
    except (InvalidInputError, ConflictError) as error:
        faulty = shown._replace(faults=faults_of(error))
        return await _one(request, desk, party_id, faulty)
    if recorded is not None:
        _note(request, desk, party_id, told)
    return forms.see_other(f"/parties/{party_id}")


def faults_of(error: FirtreeError) -> tuple[str, ...]:
    """Say what was wrong, a sentence for each place."""
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    if not problems:
        return (in_words(error),)
    return tuple(sentence(_labelled(problem)) for problem in problems)


def _labelled(problem: Problem) -> str:
    """Name a place as the form does."""
    part = PARTS.get(problem.pointer)
    where = problem.where
    if part is not None:
        where = part.label + where.removeprefix(problem.pointer)
    return f"{where}: expected {problem.expected}, found {problem.found}"
