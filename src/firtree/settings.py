"""What an operator can set: one frozen type, read once from the environment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Self

from firtree.errors import InvalidInputError
from firtree.text import shown, whole_number

if TYPE_CHECKING:
    from sqlalchemy import URL

_PREFIX = "FIRTREE_"
# Used by tests and the build, not by the program.
_NOT_SETTINGS = {"FIRTREE_REFERENCE"}
_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
# What Kubernetes sets in every container where there is a service named ``firtree`` or
# ``firtree-…``.  The one that could be a slip of ours is known by its value.
_OF_KUBERNETES = re.compile(
    r"FIRTREE_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)"
    r"|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)\Z"
)
_OF_A_PORT = re.compile(r"(tcp|udp|sctp)://")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(
    rf"(https://{_LABEL}(\.{_LABEL})*|http://localhost)(:(?P<port>[1-9][0-9]{{0,4}}))?\Z"
)
_PORT_MOST = 65535
_USUAL_PORTS = (("http://", "80"), ("https://", "443"))
# Browsers take a host whose last label is a number for an address of IPv4.
_NUMBER = re.compile(r"https://([^:]*\.)?(0x[0-9a-f]*|[0-9]+)(:|\Z)")
_PASSKEY_FOR = ("administrators", "everybody", "nobody")
_BOUNDS = {
    "proxies": (0, 10),
    "session_idle_min": (1, 1440),
    "session_most_h": (1, 168),
    "access_log_days": (1, 36525),
    "costly_per_min": (0, 1_000_000),
}
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked.  Nothing else reads the environment.

    Args:
        data: folder of the register: its database, and its signing key.
        database: empty = SQLite in the data folder; or a ``postgresql://`` URL.
        fence: path of the fence file; empty = ``log.fence`` in the data folder.
        lock_wait_s: how long a writer waits for another, seconds.
        models_kept: how many hardware models are kept in memory, about 15 kB each.
        address: where browsers reach the service, such as ``https://fir.example``;
            empty = ``http://localhost`` on this machine.
        proxies: how many proxies of the operator's stand in front; who asks is the
            address so many places from the right of ``X-Forwarded-For``.
        passkey_for: who can do nothing without a passkey but add one:
            ``administrators``, ``everybody`` or ``nobody``.
        session_idle_min: a session ends when it was not used so long, minutes.
        session_most_h: a session ends so long after sign-in, hours.
        access_log_days: rows of the access log are kept so many days.
        costly_per_min: how many exports, batches, searches, streams, statements in
            bulk and acts on accounts and people one person has answered a minute, by
            each worker; 0 = no limit.
        public_cpl: whether the CPL part is shown to whoever is not signed in.
        log_requests: whether each request is told in the log of the process.
        witness_policy: path of a tlog-policy file that names the witnesses checkpoints
            are sent to, and how many suffice; empty = none are.
        token: what a server elsewhere is asked with; empty = nothing.
    """

    data: str = "./var"
    database: str = field(default="", repr=False)  # it may hold a password
    fence: str = ""
    lock_wait_s: float = 5.0
    models_kept: int = 8192
    address: str = ""
    proxies: int = 0
    passkey_for: str = "administrators"
    session_idle_min: int = 30
    session_most_h: int = 12
    access_log_days: int = 731
    costly_per_min: int = 120
    public_cpl: bool = False
    log_requests: bool = False
    witness_policy: str = ""
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.data:
            raise InvalidInputError(
                "FIRTREE_DATA: expected a folder, found nothing",
                hint="leave it out for ./var; the current folder is written .",
            )
        if self.database:
            _url(self.database)
        if not 0 < self.lock_wait_s <= 3600:
            raise InvalidInputError(
                f"FIRTREE_LOCK_WAIT_S: expected more than 0, at most 3600 "
                f"seconds, found {self.lock_wait_s:g}"
            )
        if not 1 <= self.models_kept <= 10_000_000:
            raise InvalidInputError(
                f"FIRTREE_MODELS_KEPT: expected 1 to 10000000, found {self.models_kept}"
            )

        self._check_safety()

    def _check_safety(self) -> None:
        if self.address:
            _check_address(self.address)
        if self.passkey_for not in _PASSKEY_FOR:
            raise InvalidInputError(
                f"FIRTREE_PASSKEY_FOR: expected one of {', '.join(_PASSKEY_FOR)}, "
                f"found {shown(self.passkey_for)}"
            )
        for name, (least, most) in _BOUNDS.items():
            if not least <= (value := getattr(self, name)) <= most:
                raise InvalidInputError(
                    f"{_PREFIX}{name.upper()}: expected {least} to {most}, "
                    f"found {value}"
                )

    @property
    def database_shown(self) -> str:
        """Where the register is kept, without a password."""
        if not self.database:
            return self.data
        url = _url(self.database)
        host = url.host or ""
        place = f"[{host}]" if ":" in host else host
        port = f":{url.port}" if url.port else ""
        return f"PostgreSQL {place}{port}/{url.database or ''}"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read ``FIRTREE_DATA``, ``FIRTREE_DATABASE`` and so on.

        Raises:
            InvalidInputError: a value does not parse, or a variable has our prefix
                but names no setting (a typing slip, most likely).
        """
        known = {_PREFIX + one.name.upper(): one for one in fields(cls)}
        given = {
            name
            for name, value in environ.items()
            if name.startswith(_PREFIX) and not _is_of_others(name, value)
        }
        if unknown := given - set(known):
            raise InvalidInputError(
                f"no such setting: {min(unknown)}",
                hint=f"settings are {', '.join(sorted(known))}",
            )
        default = cls()
        values: dict[str, object] = {}
        for name in sorted(given):
            usual = getattr(default, known[name].name)
            read = _READERS[type(usual)]
            try:
                values[known[name].name] = read(environ[name])
            except ValueError:
                wanted = "yes or no" if isinstance(usual, bool) else "a number"
                raise InvalidInputError(
                    f"{name}: expected {wanted}, found {shown(environ[name])}"
                ) from None
        return cls(**values)  # type: ignore[arg-type]


def _is_of_others(name: str, value: str) -> bool:
    """Tell whether a variable with our prefix is no setting, and no slip either."""
    return (
        name in _NOT_SETTINGS
        or _OF_KUBERNETES.match(name) is not None
        or (name.endswith("_PORT") and _OF_A_PORT.match(value) is not None)
    )


def _check_address(address: str) -> None:
    """Check that browsers, as they write the address themselves, find us there."""
    expected, hint = "", ""
    if (match := _ADDRESS.match(address)) is None:
        expected = "such as https://fir.example, no path"
        hint = "http:// is for localhost only: a password must not travel open"
    elif int(match["port"] or 1) > _PORT_MOST:
        expected = f"a port of at most {_PORT_MOST}"
    elif any(address.startswith(s) and match["port"] == p for s, p in _USUAL_PORTS):
        expected = "no port where it is the usual one, as browsers leave it out"
        hint = f"write {address.rpartition(':')[0]}"
    elif _NUMBER.match(address):
        expected = "a host's name, no number: passkeys work for names only"
        hint = "give the service a name, such as fir.example"
    if expected:
        told = f"FIRTREE_ADDRESS: expected {expected}, found {shown(address)}"
        raise InvalidInputError(told, hint=hint)


def _url(text: str) -> "URL":
    """Read the URL of a database; what is wrong with it is told without showing it."""
    # Whoever uses SQLite in the data folder does not wait for this import here.
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        url = make_url(text)
        fits = text.startswith(_SCHEMES) and 1 <= (url.port or 5432) <= _PORT_MOST
    except (ArgumentError, ValueError):
        fits = False
    # A sign of a password that was not escaped: its rest is taken for the host's.
    if not fits or "@" in f"{url.host}{url.database}":
        raise InvalidInputError(
            "FIRTREE_DATABASE: expected a postgresql:// URL, found another form",
            hint="leave it empty to use SQLite in the data folder; "
            "in a password write @ as %40, / as %2F",
        )
    return url


def _decimal(text: str) -> float:
    """Read a number in plain ASCII digits, with one point at most."""
    if not _DECIMAL.match(text):
        raise ValueError("a number such as 5 or 0.5")
    return float(text)


def _yes_or_no(text: str) -> bool:
    """Read a choice."""
    if text not in {"yes", "no"}:
        raise ValueError("yes or no")
    return text == "yes"


_READERS: dict[type, Callable[[str], object]] = {
    str: str,
    bool: _yes_or_no,
    int: whole_number,
    float: _decimal,
}
