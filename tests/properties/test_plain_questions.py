"""Plain questions about a device are read as any other query string is."""

from urllib.parse import parse_qsl, urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from firtree.catalogue.answer import Device
from firtree.devices import DeviceType
from firtree.web.api.assessments import plain_device

NAMES = ("device_type", "manufacturer", "model", "firmware")
VALUES = st.text(max_size=42) | st.sampled_from(["ESME", "ab01", "010A030B", "", "a b"])
# What a careless or hostile client writes: signs of the form itself among the values.
PIECES = st.sampled_from(
    [*NAMES, "=", "&", ";", "%", "%20", "%C3%A9", "%ff", "+", "at", "ESME", "AB01", "ſ"]
)


def as_any_other(query: str) -> Device | None:
    """Read a query string by the library; None where it is not plain."""
    pairs = parse_qsl(query, strict_parsing=True, max_num_fields=4)
    found = dict(pairs)
    kind = found.pop("device_type", None)
    assert len(pairs) == len(found) + (kind is not None)
    return Device(
        device_type=DeviceType.parse(kind) if kind else None,
        manufacturer=found["manufacturer"],
        model=found["model"],
        firmware=found["firmware"],
    )


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5))
@example([("manufacturer", "AB01"), ("model", "é +%&="), ("firmware", "1")])
def test_what_is_written_is_read(pairs: list[tuple[str, str]]) -> None:
    query = urlencode(pairs)
    found = plain_device(query.encode())
    if found is not None:
        assert found == as_any_other(query)
    whole = {name for name, value in pairs if 0 < len(value) <= 40}
    legible = all(value.isprintable() for _, value in pairs)
    if len(pairs) == len(whole) and legible and {*NAMES[1:]} == whole:
        assert found is not None


@given(st.lists(PIECES, max_size=24).map("".join))
@example("manufacturer=AB01&model=010A030B&firmware=00020102")
@example("manufacturer=A%42&model=0+1&firmware=%30&device_type=esme")
@example("device_type=&manufacturer=AB01&model=010A030B&firmware=00020102")
def test_whatever_is_sent_has_one_reading(query: str) -> None:
    found = plain_device(query.encode())
    if found is not None:
        assert found == as_any_other(query)


def test_what_is_not_plain_is_left_alone() -> None:
    plain = b"manufacturer=AB01&model=010A030B&firmware=00020102"
    assert plain_device(plain) is not None
    for other in (
        b"",
        plain + b"&at=2026-11-22",
        plain + b"&firmware=00020102",
        plain + b"&firmware",
        plain + b"&device_type=ESME&device_type=ESME",
        plain + b"=1",
        plain + b"%00",
        plain + b"0" * 40,
        plain.replace(b"AB01", b""),
        plain.replace(b"AB01", "é".encode()),
        plain.replace(b"&", b";"),
    ):
        assert plain_device(other) is None, other
