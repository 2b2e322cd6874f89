"""For every address of the table of URLs, how it is asked about one side's things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Side(NamedTuple):
    """A manufacturer with its things."""

    name: str
    code: str
    model: str
    entry: int
    party: int
    statements: tuple[int, ...]

    @property
    def device(self) -> str:
        """The query that asks about a device of it."""
        firmware = f"{self.entry:08X}"
        return f"manufacturer={self.code}&model={self.model}&firmware={firmware}"


# An address is a path, or a path with what else is sent.
Address = str | tuple[str, dict[str, Any]]


def same(*paths: Address) -> Callable[[Side], list[Address]]:
    """Ask the same, whosever things are meant."""
    return lambda _side: list(paths)


def _batch(side: Side) -> list[Address]:
    device = dict(part.split("=") for part in side.device.split("&"))
    return [("/api/v1/assessments", {"json": {"devices": [device]}})]


def _listed(path: str) -> Callable[[Side], list[Address]]:
    return lambda s: [path, f"{path}?manufacturer={s.code}"]


def _form(path: str) -> Callable[[Side], list[Address]]:
    """Send a form without what only a page of ours knows."""
    return lambda s: [(path.replace("{party_id:int}", str(s.party)), {"data": {}})]


_FORMS = [
    *("/sign-in", "/sign-in/demo", "/sign-in/passkey/options", "/sign-in/passkey"),
    *("/sign-out", "/invitation", "/invitation/passkey/options", "/invitation/join"),
    *("/invitation/passkey", "/account/acting", "/account/password"),
    *("/account/passkeys/options", "/account/passkeys", "/account/passkeys/remove"),
    *("/account/sessions/end", "/account/sessions/end-all", "/account/tokens"),
    *("/account/tokens/revoke", "/people/invite", "/people/recover"),
    *("/people/withdraw", "/people/disable", "/people/enable", "/people/sign-out"),
    *("/people/remove-passkeys", "/people/take-out", "/parties"),
    *(
        f"/parties/{{party_id:int}}/{act}"
        for act in ("change", "suspension", "reinstatement", "succession")
    ),
]
_EXPORTS = [
    *(f"/export/fir.{form}" for form in ("xlsx", "csv", "json", "parquet")),
    *(f"/export/answers.{form}" for form in ("csv", "json", "parquet")),
]

ADDRESSES: dict[tuple[str, str], Callable[[Side], list[Address]]] = {
    ("GET", "/"): lambda s: ["/", f"/?q={s.code}", f"/?q={s.entry:08X}"],
    ("GET", "/assessment"): lambda s: [f"/assessment?{s.device}"],
    ("GET", "/entries/{entry_id:int}"): lambda s: [
        *(f"/entries/{s.entry}", f"/entries/{s.entry}?at=11"),
    ],
    ("GET", "/entries/{entry_id:int}/history"): lambda s: [
        f"/entries/{s.entry}/history"
    ],
    ("GET", "/diff"): same("/diff?from=0", "/diff?from=1&to=9"),
    ("GET", "/manufacturers"): same("/manufacturers"),
    ("GET", "/manufacturers/{code:str}"): lambda s: [f"/manufacturers/{s.code}"],
    ("GET", "/models"): lambda s: [f"/models?manufacturer={s.code}&model={s.model}"],
    ("GET", "/models/{manufacturer:str}/{model:str}"): lambda s: [
        f"/models/{s.code}/{s.model}"
    ],
    ("GET", "/pathway"): lambda s: [f"/pathway?from={s.entry}&to={s.entry + 1}"],
    ("GET", "/findings"): _listed("/findings"),
    ("GET", "/static/{name:str}"): same("/static/firtree.css"),
    ("GET", "/api/v1/assessment"): lambda s: [
        *(f"/api/v1/assessment?{s.device}", f"/api/v1/assessment?{s.device}&at=9"),
        f"/api/v1/assessment?{s.device}&proof=1",
    ],
    ("POST", "/api/v1/assessments"): _batch,
    ("GET", "/api/v1/entries"): lambda s: [
        *("/api/v1/entries", f"/api/v1/entries?manufacturer={s.code}"),
        *(f"/api/v1/entries?hash={s.entry:064X}", f"/api/v1/entries?q={s.code}"),
        *(f"/api/v1/entries?firmware={s.entry:08X}", "/api/v1/entries?at=9"),
    ],
    ("GET", "/api/v1/entries/{entry_id:int}"): lambda s: [
        *(f"/api/v1/entries/{s.entry}", f"/api/v1/entries/{s.entry}?at=11"),
        f"/api/v1/entries/{s.entry}?proof=1",
    ],
    **{("GET", path): same(path) for path in _EXPORTS},
    ("GET", "/api/v1/entries/{entry_id:int}/history"): lambda s: [
        f"/api/v1/entries/{s.entry}/history"
    ],
    ("GET", "/api/v1/diff"): same("/api/v1/diff?from=0", "/api/v1/diff?from=6"),
    ("GET", "/api/v1/changes"): same(
        *("/api/v1/changes", "/api/v1/changes?since=4", "/api/v1/changes?format=ndjson")
    ),
    ("GET", "/api/v1/manufacturers"): same("/api/v1/manufacturers"),
    ("GET", "/api/v1/models"): _listed("/api/v1/models"),
    ("GET", "/api/v1/releases"): _listed("/api/v1/releases"),
    ("GET", "/api/v1/pathway"): lambda s: [
        f"/api/v1/pathway?from={s.entry}&to={s.entry + 1}"
    ],
    ("GET", "/api/v1/findings"): _listed("/api/v1/findings"),
    **{("POST", path): _form(path) for path in _FORMS},
    ("GET", "/sign-in"): same("/sign-in"),
    ("GET", "/invitation/{code:str}"): same("/invitation/none"),
    ("GET", "/account"): same("/account"),
    ("GET", "/people"): same("/people"),
    ("GET", "/access-log"): same("/access-log"),
    ("GET", "/api/v1/access-log"): same("/api/v1/access-log"),
    ("GET", "/parties"): same("/parties"),
    ("GET", "/parties/{party_id:int}"): lambda s: [f"/parties/{s.party}"],
    ("GET", "/trail"): same("/trail", "/trail?cursor=5"),
    ("GET", "/api/v1/parties"): same("/api/v1/parties"),
    ("GET", "/api/v1/parties/{party_id:int}"): lambda s: [f"/api/v1/parties/{s.party}"],
    ("GET", "/api/v1/trail"): same("/api/v1/trail", "/api/v1/trail?limit=3"),
    ("GET", "/api/v1/statements"): same(
        *("/api/v1/statements", "/api/v1/statements?start=3&limit=5")
    ),
    ("GET", "/api/v1/statements/{index:int}"): lambda s: [
        f"/api/v1/statements/{number}" for number in s.statements
    ],
    ("GET", "/log/tile/{tile:path}"): same(
        *("/log/tile/0/000.p/13", "/log/tile/entries/000.p/13")
    ),
    ("GET", "/log/proof/inclusion"): same("/log/proof/inclusion?index=2&size=13"),
    ("GET", "/log/proof/consistency"): same("/log/proof/consistency?from=5&to=13"),
    ("GET", "/log/checkpoint"): same("/log/checkpoint"),
    ("GET", "/health/live"): same("/health/live"),
    ("GET", "/health/ready"): same("/health/ready"),
    ("GET", "/openapi.json"): same("/openapi.json"),
}
