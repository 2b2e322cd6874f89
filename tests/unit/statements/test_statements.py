"""Statements are read as they were written, from sections in canonical JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import a_model, an_entry
from firtree.catalogue.entry import (
    NO_FIR,
    NO_PRIVATE,
    Certificate,
    CertificateKind,
    Entry,
    PrivatePart,
    Status,
)
from firtree.errors import VerificationError
from firtree.ledger.canonical import canonical
from firtree.ledger.sections import Sections
from firtree.parties import Contact, Maker
from firtree.parties.party import Mandate, Succession
from firtree.statements.statement import (
    Statement,
    read_head,
    read_statement,
    subject_name,
    write_sections,
)
from firtree.statements.types import Subject
from firtree.statements.types.access_log import AccessLogHead
from firtree.statements.types.entry import read_entry
from firtree.statements.types.erasure import ERASABLE, Erasure
from firtree.statements.types.form import StatementType
from firtree.statements.types.key_rotation import KeyRotation
from firtree.statements.types.maker import read_maker
from firtree.statements.types.opening import Opening
from firtree.text import WHOLE_MOST
from parties import CODE, NAME, PARTY, a_party

TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\0\u2028é€🌲'),
    max_size=20,
)
DAY = st.none() | st.dates()
CONTACT = st.none() | st.builds(Contact, role=TEXT, email=TEXT, confirmed_on=DAY)
IDS = st.lists(st.integers(1, WHOLE_MOST), max_size=4).map(tuple)
ENTRY = st.builds(
    an_entry,
    st.integers(1, 100_000),
    trade_name=TEXT,
    status=st.sampled_from(Status),
    status_from=DAY,
    published_on=DAY,
    contact=CONTACT,
    upgradable_from=st.none() | IDS,
    limited_to=st.lists(TEXT, max_size=3).map(tuple),
    mandatory_step=st.booleans(),
    certificates=st.lists(
        st.builds(
            Certificate, kind=st.sampled_from(CertificateKind), number=TEXT, day=DAY
        ),
        max_size=2,
    ).map(tuple),
)
OPENING = st.builds(
    Opening, origin=TEXT, verifier_key=TEXT, demo=st.booleans(), continues=TEXT
)
MAKER = st.builds(Maker, code=TEXT, name=TEXT, contact=CONTACT)
SUCCESSION = st.builds(
    Succession,
    giver=st.integers(1, 9),
    taker=st.integers(10, 19),
    on=st.dates(),
    reason=NAME,
    codes=st.lists(CODE, max_size=3).map(tuple),
)
ACCESS_LOG = st.builds(
    AccessLogHead, day=st.dates(), number=st.integers(0, 2**53), digest=TEXT
)
ROTATION = st.builds(
    KeyRotation,
    origin=TEXT,
    old_key=TEXT,
    new_key=TEXT,
    both_until=DAY,
    signed=TEXT,
)
ERASURE = st.builds(
    Erasure,
    statement=st.integers(0, 2**53),
    section=st.sampled_from(ERASABLE),
    reason=TEXT,
)
STATEMENT = st.builds(
    Statement,
    subject=(
        ENTRY | OPENING | MAKER | PARTY | SUCCESSION | ACCESS_LOG | ROTATION | ERASURE
    ),
    by=TEXT,
    effective_from=DAY,
    replaces=st.none() | st.integers(0, 2**53),
)


def is_canonical(octets: bytes) -> bool:
    """Tell whether JSON has sorted keys, no blanks and nothing escaped in vain."""

    def sorted_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key.encode() for key, _ in pairs]
        assert keys == sorted(set(keys))
        return dict(pairs)

    def no_floats(text: str) -> None:
        raise AssertionError(text)

    value = json.loads(octets, object_pairs_hook=sorted_pairs, parse_float=no_floats)
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return bool(written.encode() == octets)


@given(STATEMENT)
def test_a_statement_is_read_as_it_was_written(statement: Statement) -> None:
    sections = write_sections(statement)

    assert read_statement(sections) == statement
    assert write_sections(read_statement(sections)) == sections
    assert read_head(sections.head).subject == subject_name(statement.subject)


@given(STATEMENT)
def test_sections_are_canonical_or_empty(statement: Statement) -> None:
    head, core, *others = write_sections(statement)

    assert all(is_canonical(octets) for octets in (head, core))
    assert all(octets == b"" or is_canonical(octets) for octets in others)


def test_canonical_json_sorts_and_leaves_no_blanks() -> None:
    assert canonical({"b": [1, "é\n"], "a": {"Z": None, "A": True}}) == (
        '{"a":{"A":true,"Z":null},"b":[1,"é\\n"]}'.encode()
    )


def test_each_part_of_an_entry_is_a_section_of_its_own() -> None:
    entry = msgspec.structs.replace(
        an_entry(7), private=PrivatePart(advisory_reference="SSC-1")
    )
    statement = Statement(subject=entry, by="keeper", effective_from=date(2026, 12, 1))

    assert write_sections(statement) == Sections(
        head=(
            b'{"by":"keeper","effective_from":"2026-12-01","subject":"entry/7",'
            b'"type":"entry-recorded"}'
        ),
        core=(
            b'{"cpl":{"firmware":"00000007","image_hash":"'
            + f"{7:064X}".encode()
            + b'"'
            b',"manufacturer_name":"Alder Meters","model":{"device_type":"ESME",'
            b'"hardware_revision":"0B","hardware_version":"03","manufacturer":"AB01",'
            b'"model_identifier":"010A"},"published_on":"2024-01-08"},"id":7}'
        ),
        fir=b'{"release_date":"2024-01-08"}',
        people=(
            b'{"contact":{"confirmed_on":"2026-11-01","email":"firmware@maker.example",'
            b'"role":"Firmware release desk"}}'
        ),
        private=b'{"advisory_reference":"SSC-1"}',
    )


def test_a_blank_part_is_an_empty_section() -> None:
    entry = Entry(id=1, cpl=an_entry(1).cpl)

    sections = write_sections(Statement(subject=entry, by="keeper"))

    assert sections[2:] == (b"", b"", b"")
    assert read_statement(sections).subject == entry


@pytest.mark.parametrize(
    ("subject", "name", "kind"),
    [
        (an_entry(1042), "entry/1042", StatementType.ENTRY_RECORDED),
        (a_party(7), "party/7", StatementType.PARTY_RECORDED),
        (
            Succession(giver=7, taker=8, on=date(2027, 1, 1), reason="bought"),
            "succession/7/8",
            StatementType.SUCCESSION_RECORDED,
        ),
        (
            AccessLogHead(day=date(2026, 11, 28), number=3, digest="00" * 32),
            "access-log",
            StatementType.ACCESS_LOG_HEAD,
        ),
        (
            Erasure(statement=1041, section="people", reason="asked for"),
            "erasure/1041/people",
            StatementType.SECTION_ERASED,
        ),
        (
            KeyRotation(origin="o", old_key="k", new_key="l", signed="n"),
            "log-key",
            StatementType.KEY_ROTATED,
        ),
        (Maker(code="AB01", name="A"), "maker/AB01", StatementType.MAKER_RECORDED),
        (
            Opening(origin="o", verifier_key="k"),
            "register",
            StatementType.REGISTER_OPENED,
        ),
    ],
)
def test_a_head_says_type_and_subject(
    subject: Subject, name: str, kind: StatementType
) -> None:
    head = read_head(
        write_sections(Statement(subject=subject, by="keeper", replaces=3)).head
    )

    assert (head.type, head.subject, head.by, head.replaces) == (
        kind,
        name,
        "keeper",
        3,
    )


def test_what_a_reader_may_not_see_counts_as_blank() -> None:
    sections = write_sections(Statement(subject=an_entry(5), by="keeper"))

    shown = read_entry(sections.core)

    assert shown.cpl == an_entry(5).cpl
    assert (shown.fir, shown.contact, shown.private) == (NO_FIR, None, NO_PRIVATE)
    assert read_statement(
        (sections.head, sections.core, None, None, None)
    ) == Statement(subject=shown, by="keeper")


def test_an_erased_contact_leaves_the_maker() -> None:
    maker = Maker(code="AB01", name="Alder", contact=Contact(email="a@b.example"))
    sections = write_sections(Statement(subject=maker, by="keeper"))

    assert read_maker(sections.core, people=sections.people) == maker
    assert read_maker(sections.core, people=None) == Maker(code="AB01", name="Alder")


@pytest.mark.parametrize("missing", [0, 1])
def test_a_statement_without_head_or_core_is_refused(missing: int) -> None:
    sections = list(write_sections(Statement(subject=an_entry(5), by="keeper")))
    with_hole = [None if n == missing else s for n, s in enumerate(sections)]

    with pytest.raises(VerificationError, match="head or core is not disclosed"):
        read_statement(tuple(with_hole))


@pytest.mark.parametrize(
    ("place", "octets", "section"),
    [
        (0, b"", "head"),
        (0, b"{", "head"),
        (0, b'{"type":"of another kind","by":"a","subject":"b"}', "head"),
        (0, b'{"type":"entry-recorded","by":"a"}', "head"),
        (1, b"", "core"),
        (1, b'{"id":"7"}', "core"),
        (2, b"[]", "fir"),
        (2, b'{"release_date":"yesterday"}', "fir"),
        (3, b'{"contact":7}', "people"),
        (4, b"null", "private"),
    ],
)
def test_a_section_of_another_format_is_refused_by_name(
    place: int, octets: bytes, section: str
) -> None:
    sections = list(write_sections(Statement(subject=an_entry(5), by="keeper")))
    sections[place] = octets

    with pytest.raises(VerificationError, match=f"section '{section}' cannot be read"):
        read_statement(tuple(sections))


def test_a_model_that_breaks_a_rule_is_refused_as_unreadable() -> None:
    sections = write_sections(
        Statement(subject=an_entry(5, model=a_model(hardware_version="03")), by="k")
    )
    core = sections.core.replace(b'"hardware_version":"03"', b'"hardware_version":"XX"')

    with pytest.raises(VerificationError, match="section 'core' cannot be read"):
        read_statement(sections._replace(core=core))


def numbers_in(value: Any) -> Any:
    """Yield every place with a whole number: the object or list, and its key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(pairs):
        if isinstance(each, dict | list):
            yield from numbers_in(each)
        elif isinstance(each, int) and not isinstance(each, bool):
            yield value, key


@pytest.mark.parametrize(
    "subject",
    [
        an_entry(
            7,
            upgradable_from=(1,),
            confirmed_edges=(1,),
            rollback_from=(2,),
            image_size_octets=4,
        ),
        Erasure(statement=1, section="fir", reason="asked for"),
        AccessLogHead(day=date(2026, 11, 22), number=7, digest="0" * 64),
        a_party(7, mandates=(Mandate(maker=2, since=date(2026, 1, 1)),)),
        Succession(
            giver=1, taker=2, on=date(2026, 11, 22), reason="sold", codes=("AB01",)
        ),
    ],
    ids=lambda subject: type(subject).__name__,
)
def test_a_number_that_canonical_json_does_not_have_is_refused(
    subject: Subject,
) -> None:
    """No database would keep it, and other programs would read another one."""
    sections = write_sections(Statement(subject=subject, by="k", replaces=5))
    tried = 0
    for place, octets in enumerate(sections):
        known = json.loads(octets or b"{}")
        for holder, key in list(numbers_in(known)):
            for number in (-1, WHOLE_MOST + 1, 1 << 63, 1 << 64, 10**400):
                before, holder[key] = holder[key], number
                changed = [*sections]
                changed[place] = json.dumps(known, separators=(",", ":")).encode()
                holder[key] = before
                with pytest.raises(VerificationError):
                    read_statement(tuple(changed))
                tried += 1
    assert tried >= 10
