"""Forms of pages: read strictly, and only from a page of ours."""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import parse_qs

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    NotFoundError,
    Problem,
    ThrottledError,
)
from firtree.text import shown
from firtree.web.answers import AnyRequest, Desk
from firtree.web.entrance import Entrance
from firtree.web.guard import check_csrf
from firtree.web.pages.render import HTML

FORM_OCTETS = 1 << 16
_FIELDS_MOST = 64
_FORM = "application/x-www-form-urlencoded"
NOT_KEPT = {"Cache-Control": "no-store"}


class Form:
    """The fields of a form; each may stand once, but for lists."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Give a field's text; empty where it was left out.

        Raises:
            InvalidInputError: it stands twice.
        """
        found = self._fields.get(name, [""])
        if len(found) > 1:
            problem = Problem(name, name, "a value, given once", "two")
            raise InvalidInputError(str(problem), problems=(problem,))
        return found[0]

    def number(self, name: str) -> int:
        """Give a field's whole number.

        Raises:
            InvalidInputError: it is none.
        """
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            problem = Problem(name, name, "a whole number", shown(text))
            raise InvalidInputError(str(problem), problems=(problem,))
        return int(text)

    def texts(self, name: str) -> list[str]:
        """Give all values of a field that may be chosen several times."""
        return self._fields.get(name, [])


def entrance_of(desk: Desk) -> Entrance:
    """Give where people come in.

    Raises:
        NotFoundError: nobody can sign in here.
    """
    if desk.entrance is None:
        raise NotFoundError("nobody can sign in here")
    return desk.entrance


async def read_form(request: AnyRequest, desk: Desk, known: Collection[str]) -> Form:
    """Read a form that a page of ours sent.

    Args:
        request: its body is at most ``FORM_OCTETS`` long.
        desk: knows the entrance.
        known: names of fields, but for ``csrf``.

    Raises:
        InvalidInputError: it cannot be read, or has other fields.
        NotAllowedError: it does not carry the token of the browser's own page.
    """
    kind = request.content_type[0]
    if kind != _FORM:
        raise HTTPException(f"expected {_FORM}, found {shown(kind)}", status_code=415)
    body = await request.body()
    try:
        fields = parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_FIELDS_MOST,
        )
    except ValueError:
        raise HTTPException("the form cannot be read", status_code=400) from None
    form = Form(fields)
    check_csrf(request, entrance_of(desk), form.text("csrf"))
    unknown = fields.keys() - set(known) - {"csrf"}
    unfit = [name for name, values in fields.items() if "\0" in "".join(values)]
    if wrong := sorted(unknown | set(unfit)):
        problem = Problem("form", wrong[0], "a field of this form", "another")
        raise InvalidInputError(str(problem), problems=(problem,))
    return form


async def read_json(request: AnyRequest, desk: Desk, shape: type[Any]) -> Any:  # noqa: ANN401
    """Read what a script of ours sent.

    Raises:
        InvalidInputError: it is not of that shape.
        NotAllowedError: it does not carry the token of the browser's own page.
    """
    kind = request.content_type[0]
    if kind != "application/json":
        raise HTTPException(f"expected JSON, found {shown(kind)}", status_code=415)
    check_csrf(request, entrance_of(desk), None)
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except (msgspec.DecodeError, RecursionError):
        problem = Problem("body", "body", "what the page's script sends", "another")
        raise InvalidInputError(str(problem), problems=(problem,)) from None


def see_other(where: str, cookies: Sequence[Cookie] = ()) -> Response[bytes]:
    """Lead on to a page, after a form was taken (RFC 9110, 15.4.4)."""
    headers = {**NOT_KEPT, "Location": where}
    return Response(b"", status_code=303, headers=headers, cookies=cookies)


def page(
    body: bytes, cookies: Sequence[Cookie] = (), *, status: int = 200
) -> Response[bytes]:
    """Answer with a page that is for this person and this moment."""
    return Response(
        body, status_code=status, media_type=HTML, headers=NOT_KEPT, cookies=cookies
    )


def asked_again(
    body: bytes, refused: FirtreeError | None, cookies: Sequence[Cookie] = ()
) -> Response[bytes]:
    """Answer with a page whose form was refused, where it was.

    Args:
        body: of the page, with the form and the reason.
        refused: the reason; None = nothing was, the page is opened.
        cookies: that go with it.
    """
    answer = page(body, cookies, status=422 if refused else 200)
    if isinstance(refused, ThrottledError):
        answer.status_code = 429
        answer.headers["Retry-After"] = str(refused.wait_s)
    return answer


def told(body: object, cookies: Sequence[Cookie] = ()) -> Response[bytes]:
    """Answer a script of ours."""
    return Response(
        msgspec.json.encode(body),
        media_type="application/json",
        headers=NOT_KEPT,
        cookies=cookies,
    )


def safe_next(text: str) -> str:
    """Give a path of ours to go on to; the first page for anything else.

    A browser reads ``//host``, backslashes and control characters as ways elsewhere.
    """
    fits = (
        text.startswith("/")
        and not text.startswith(("//", "/\\"))
        and "\\" not in text
        and text.isascii()
        and text.isprintable()
        and " " not in text
        and len(text) <= 1000
    )
    return text if fits else "/"
