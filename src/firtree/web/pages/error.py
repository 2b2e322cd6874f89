"""The page for an error, in words for people."""

from firtree.web import chrome
from firtree.web.pages.render import NOW, Place, render, sentence

_NOT_YOURS = "There is nothing here that you may see"
_NO_ENTRIES = "You may not read any entries as things stand."
# What is said instead of the title, which is meant for programs.
_HEADINGS = {
    400: "The question could not be read",
    404: "There is no such page here",
    405: "This page cannot be asked like that",
    422: "Something in the question needs changing",
    500: "Something went wrong here",
    503: "Not just now",
}
_HINTS = {
    404: "Check the address, or search for an entry.",
    422: "Go back, change it and ask again.",
    500: "It was noted. Trying again may help; if it does not, tell the operator.",
    503: "Nothing is wrong with the question. Try again in a minute.",
}


def error_page(status: int, title: str, detail: str, hint: str) -> str:
    """Give the whole page for an error.

    Args:
        status: of HTTP.
        title: short, used where there is no better heading for the status.
        detail: what was expected and what was found.
        hint: what to do about it; may be empty.
    """
    heading = _HEADINGS.get(status, title)
    around = chrome.current()
    hint = hint or _HINTS.get(status, "")
    if status == 404 and not around.scope.parties:
        heading = _NOT_YOURS  # it may be somebody's
        if not around.reads and not around.held:
            hint = _NO_ENTRIES
    return titled_error_page(status, heading, detail, hint)


def titled_error_page(
    status: int,
    heading: str,
    detail: str,
    hint: str,
    *,
    place: Place = NOW,
    past: tuple[str, ...] = (),
    now_address: str = "/",
) -> str:
    """Give the whole page for an error under a heading of its own."""
    body = render(
        "error.html",
        place=place,
        past=past,
        now_address=now_address,
        heading=heading,
        detail=_told(heading, detail) if status != 500 else "",
        hint=sentence(hint),
        status=status,
    )
    return body.decode()


def _told(heading: str, detail: str) -> str:
    """Give the detail as a sentence; nothing where the heading says the same."""
    return "" if detail.casefold() == heading.casefold() else sentence(detail)
