"""What a reader is handed of a statement: what its scope covers, and no more."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anything import an_entry as any_entry
from entries import an_entry
from firtree.access import Scope
from firtree.catalogue.entry import Entry, PrivatePart
from firtree.errors import VerificationError
from firtree.exchange.proof_wire import DisclosedWire, disclosed_wire, read_disclosed
from firtree.ledger.leaf import Leaf
from firtree.ledger.sections import SECTIONS, erased, sealed
from firtree.library.ports import StatementRow
from firtree.statements.disclosure import disclosed, verify_disclosed
from firtree.statements.statement import Statement, subject_name, write_sections
from firtree.statements.types import Subject
from registers import ALDER, OPENING, START

SALTS = bytes(range(160))
SECRET = msgspec.structs.replace(
    an_entry(7), private=PrivatePart(mapping_evidence="seen")
)
ALL = Scope(private=True)
READER = Scope()
MAKER = Scope(makers=frozenset({"AB01"}), own=frozenset({"AB01"}))
MODEL_READER = Scope(makers=frozenset(), models=frozenset({SECRET.model.key}))
OTHER = Scope(makers=frozenset({"CD02"}))


def a_row(subject: Subject, *, without: tuple[str, ...] = ()) -> StatementRow:
    """Keep a statement as a register does, some sections erased."""
    body = sealed(write_sections(Statement(subject=subject, by="keeper")), SALTS)
    for name in without:
        body = erased(body, name)
    leaf = Leaf(START, body.digest, bytes(32)).encode()
    name = subject_name(subject)
    return StatementRow(4, leaf, name, *body.sections, body.salts, body.commitments)


def opened(row: StatementRow, scope: Scope) -> list[str]:
    """Name the sections that are handed out, having verified all."""
    found = disclosed(row, scope)
    assert found is not None
    assert (found.number, found.leaf) == (row.number, row.leaf)
    verify_disclosed(found)
    assert found.body.commitments == row.commitments
    for place, octets in enumerate(found.body.sections):
        salt = found.body.salts[place * 32 : place * 32 + 32]
        assert salt == (bytes(32) if octets is None else row.salts[place * 32 :][:32])
        assert octets in {None, row[3 + place]}
    pairs = zip(SECTIONS, found.body.sections, strict=True)
    return [name for name, octets in pairs if octets is not None]


def test_sections_are_handed_out_by_scope() -> None:
    row = a_row(SECRET)

    assert opened(row, ALL) == list(SECTIONS)
    assert opened(row, READER) == ["core", "fir", "people"]
    assert opened(row, Scope(fir=False, people=False)) == ["core"]
    assert opened(row, MAKER) == ["head", "core", "fir", "people"]
    assert opened(row, MODEL_READER) == ["core", "fir", "people"]


@pytest.mark.parametrize("subject", [SECRET, ALDER])
def test_what_is_out_of_reach_looks_as_if_it_were_not_there(subject: Subject) -> None:
    assert disclosed(a_row(subject), OTHER) is None
    assert opened(a_row(subject), MAKER)[0] == "head"


def test_how_the_register_began_is_for_every_reader() -> None:
    assert "core" in opened(a_row(OPENING), OTHER)
    assert "head" not in opened(a_row(OPENING), READER)


def test_an_erased_section_is_shown_by_its_commitment_only() -> None:
    row = a_row(SECRET, without=("people", "private"))

    assert opened(row, ALL) == ["head", "core", "fir"]


@pytest.mark.parametrize("name", ["head", "core"])
def test_without_knowing_whom_it_concerned_only_those_who_see_all_do(name: str) -> None:
    row = a_row(SECRET, without=(name,))

    assert name not in opened(row, ALL)
    for scope in (READER, MAKER, OTHER):
        assert disclosed(row, scope) is None


scopes = st.builds(
    Scope,
    makers=st.none() | st.just(frozenset({"AB01"})),
    own=st.sets(st.just("AB01")).map(frozenset),
    fir=st.booleans(),
    people=st.booleans(),
    private=st.booleans(),
)


@given(any_entry(7), scopes, st.sets(st.sampled_from(SECTIONS)))
def test_what_is_written_is_read_and_verifies(
    entry: Entry, scope: Scope, without: set[str]
) -> None:
    found = disclosed(a_row(entry, without=tuple(without)), scope)
    if found is None:
        return
    octets = msgspec.json.encode(disclosed_wire(found))

    read = read_disclosed(msgspec.json.decode(octets, type=DisclosedWire))

    assert read == found
    assert verify_disclosed(read).at == START


def spoilt(path: str, value: object) -> DisclosedWire:
    """Give a statement with one value of its JSON replaced."""
    found = disclosed(a_row(SECRET), READER)
    assert found is not None
    whole: dict[str, Any] = msgspec.to_builtins(disclosed_wire(found))
    *way, last = path.split("/")
    place = whole
    for name in way:
        place = place[name]
    place[last] = value
    return msgspec.convert(whole, DisclosedWire)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("leaf", "{}", "not a leaf"),
        ("sections/core/text", "{}", "section 'core' does not match"),
        ("sections/core/text", None, "a text without a salt"),
        ("sections/head/text", "", "a text without a salt"),
        ("sections/core/salt", "00", "64 lower-case hexadecimal"),
        ("sections/core/salt", "0" * 64, "section 'core' does not match"),
        ("sections/head/commitment", "0" * 64, "not those of the statement's leaf"),
        ("sections/head/commitment", "A" * 64, "64 lower-case hexadecimal"),
        ("sections/head/commitment", "٠" * 64, "64 lower-case hexadecimal"),
    ],
)
def test_a_changed_statement_is_refused(path: str, value: object, reason: str) -> None:
    with pytest.raises(VerificationError, match=reason):
        verify_disclosed(read_disclosed(spoilt(path, value)))
