"""People, for administrators: who has an account, and links by which others get one."""

from collections.abc import Callable
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.errors import ConflictError, InvalidInputError
from firtree.library.accounts import invitations, people
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.invitations import JOIN, Invited
from firtree.library.accounts.secret import short
from firtree.web import forms
from firtree.web.answers import Desk, check_parameters, visitor_of
from firtree.web.pages.render import NOW, render
from firtree.web.pages.sign_in import in_words

AnyRequest = Request[Any, Any, Any]


class Shown(NamedTuple):
    """What a page shows besides the lists."""

    fault: str = ""
    link: str = ""
    link_told: str = ""
    link_until: Any = None
    email: str = ""
    chosen: int = 0


async def get_people_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    party: FromQuery[int | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"party"}))
    return await _page(desk, Shown(chosen=party or 0))


async def _page(desk: Desk, shown: Shown) -> Response[bytes]:
    gate = forms.entrance_of(desk).gate
    facts = await desk.slow(_facts, gate)
    body = render("people.html", place=NOW, past=(), **facts, **shown._asdict())
    return forms.page(body, status=422 if shown.fault else 200)


def _facts(gate: Gate) -> dict[str, Any]:
    """Gather the lists of the page."""
    name = gate.parties.party_name
    with gate.accounts.reading() as tx:
        now = gate.now()
        return {
            "people": people.people(gate),
            "parties": gate.parties.listed(gate.today),
            "invitations": [
                {
                    **each._asdict(),
                    "named": short(each.id),
                    "told": name(each.party) if each.kind == JOIN else "come in again",
                }
                for each in tx.invitations()
                if each.expires_at > now
            ],
        }


async def post_invite(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    form = await forms.read_form(request, desk, ("party", "email"))
    party, email = form.number("party"), form.text("email")

    def invite(gate: Gate, by: Any, address: str) -> Invited:  # noqa: ANN401
        return invitations.invite(gate, party, email, by, address=address)

    told = "This is the link for who joins."
    return await _linked(
        request, desk, invite, Shown(link_told=told, email=email[:254], chosen=party)
    )


async def post_recover(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    form = await forms.read_form(request, desk, ("person",))
    person = form.number("person")

    def invite(gate: Gate, by: Any, address: str) -> Invited:  # noqa: ANN401
        return invitations.invite_back(gate, person, by, address=address)

    told = "This is the link to set a new password with."
    return await _linked(request, desk, invite, Shown(link_told=told))


async def _linked(
    request: AnyRequest,
    desk: Desk,
    invite: Callable[..., Invited],
    shown: Shown,
) -> Response[bytes]:
    """Make a link and show it, this once."""
    entrance = forms.entrance_of(desk)
    network = entrance.client_of(request.scope).address
    try:
        made = await desk.slow(invite, entrance.gate, visitor_of(request), network)
    except (InvalidInputError, ConflictError) as error:
        return await _page(desk, shown._replace(fault=in_words(error)))
    link = f"{entrance.site_of(request.scope).origin}/invitation/{made.secret}"
    until = made.invitation.expires_at
    return await _page(desk, shown._replace(link=link, link_until=until, email=""))


async def post_withdraw(
    request: AnyRequest, *, desk: NamedDependency[Desk]
) -> Response[bytes]:
    entrance = forms.entrance_of(desk)
    form = await forms.read_form(request, desk, ("named",))
    network = entrance.client_of(request.scope).address
    given = (form.text("named"), visitor_of(request))
    await desk.slow(invitations.withdraw, entrance.gate, *given, address=network)
    return forms.see_other("/people")


def act(change: Callable[..., object], *, of_party: bool = False) -> Callable[..., Any]:
    """Make the handler of something that is done with a person.

    Args:
        change: the use case: gate, person, perhaps party, by whom, address.
        of_party: whether it concerns one of the person's parties.
    """

    async def post_act(
        request: AnyRequest, *, desk: NamedDependency[Desk]
    ) -> Response[bytes]:
        entrance = forms.entrance_of(desk)
        form = await forms.read_form(request, desk, ("person", "party"))
        whom = [form.number("person")]
        if of_party:
            whom.append(form.number("party"))
        network = entrance.client_of(request.scope).address
        given = (*whom, visitor_of(request))
        try:
            await desk.slow(change, entrance.gate, *given, address=network)
        except InvalidInputError as error:
            return await _page(desk, Shown(fault=in_words(error)))
        return forms.see_other("/people")

    post_act.__name__ = f"post_{change.__name__}"
    return post_act
