"""The first page of a person whose party reads no entries: what it may see instead."""

from litestar import Response

from firtree.library.accounts.visitor import Via
from firtree.parties import AGENTS, VIEWERS
from firtree.web import chrome, forms
from firtree.web.answers import AnyRequest, Desk
from firtree.web.pages.render import HTML, NOW, render

_PEOPLE = frozenset({Via.SESSION, Via.DEMO})


def welcome_instead(request: AnyRequest, desk: Desk) -> Response[bytes] | None:
    """Welcome a person who has no right to the first page.

    Args:
        request: what the guard refused.
        desk: knows the parties.

    Returns:
        None where it is no person, or must come in by passkey before anything else,
        or asked for more than the bare page: what is not its to see is not there.
    """
    around = chrome.current()
    is_bare = not request.scope["query_string"]
    if around.visitor.via not in _PEOPLE or around.held or not is_bare:
        return None
    if HTML not in request.headers.get("accept", ""):
        return None
    kinds, party = around.principal.kinds, around.visitor.party
    acted_for = [
        choice.name
        for choice in desk.parties.choices(party, desk.parties.today())
        if choice.acting_for
    ]
    body = render(
        "welcome.html",
        place=NOW,
        past=(),
        kinds=sorted(kinds),
        acted_for=acted_for,
        acts=bool(kinds & AGENTS),
        views=bool(kinds & VIEWERS),
    )
    return forms.page(body)
