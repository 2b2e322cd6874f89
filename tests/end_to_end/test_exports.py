"""The register as files over HTTP: whole, in pieces, and the same each time."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from entries import DESK, a_model, an_entry
from firtree.access import PUBLIC
from firtree.catalogue.entry import Entry, PrivatePart, Status
from firtree.exchange.entries import read_entries
from firtree.parties import Maker, PartyKind
from firtree.web.app import URLS
from principals import a_principal
from published import verified
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATHS = [url.path for url in URLS if url.path.startswith("/export/")]
OTHER = a_model(manufacturer="CD02")


def with_private(entry: Entry) -> Entry:
    """Give an entry with a private part."""
    return Entry(
        id=entry.id,
        cpl=entry.cpl,
        fir=entry.fir,
        contact=entry.contact,
        private=PrivatePart(advisory_reference="ADV-SECRET"),
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register that the tests only read."""
    made = Served(tmp_path_factory.mktemp("exports") / "register.db")
    made.record(
        Maker(code="AB01", name="Alder", contact=DESK),
        Maker(code="CD02", name="Birch", contact=DESK),
        with_private(an_entry(1, upgradable_from=(), trade_name="=1+1")),
        an_entry(2, upgradable_from=(1,), contact=None),
        an_entry(3, model=OTHER, status=Status.WITHDRAWN),
    )
    made.clock.move(60)
    yield made
    made.close()


def test_every_file_of_the_order_is_there() -> None:
    assert [
        *(f"/export/fir.{form}" for form in ("xlsx", "csv", "json", "parquet")),
        *(f"/export/answers.{form}" for form in ("csv", "json", "parquet")),
    ] == PATHS


@pytest.mark.parametrize("path", PATHS)
def test_a_file_has_a_good_name_and_is_sent_once(served: Served, path: str) -> None:
    first, again = served.get(path), served.get(path)

    assert first.status_code == 200
    name, _, form = path.removeprefix("/export/").partition(".")
    assert first.headers["content-disposition"] == (
        f'attachment; filename="{name}-1-6.{form}"'
    )
    assert first.content == again.content
    etag = first.headers["etag"]
    held = served.get(path, headers={"If-None-Match": etag})
    assert (held.status_code, held.content) == (304, b"")


@pytest.mark.parametrize("path", PATHS)
def test_head_of_a_file_has_the_fields_of_get_and_tells_no_length(
    served: Served, path: str
) -> None:
    got = served.get(path)

    head = ask(served.app, "HEAD", path)

    assert (head.status_code, head.content) == (200, b"")
    for response in (head, got):
        del response.headers["request-id"]
    # It was never worked out; a length of 0 would say that the file is empty.
    assert "content-length" not in head.headers
    assert head.headers == got.headers


@pytest.mark.parametrize("path", PATHS)
def test_a_private_part_is_in_no_file(served: Served, path: str) -> None:
    content = served.get(path).content

    assert b"ADV-SECRET" not in content
    assert b"Mapping Evidence" not in content
    assert b"mapping_evidence" not in content


@pytest.mark.parametrize("path", PATHS)
def test_who_may_not_read_entries_gets_no_file(served: Served, path: str) -> None:
    assert ask(served.app_for(PUBLIC), "GET", path).status_code == 401
    network = a_principal(PartyKind.NETWORK_PARTY, "Nettle")
    assert ask(served.app_for(network), "GET", path).status_code == 404


def test_a_maker_gets_its_own_entries(served: Served) -> None:
    birch = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
    app = served.app_for(birch)

    assert ids(ask(app, "GET", "/export/fir.csv").text) == ["3"]
    answers = rows(ask(app, "GET", "/export/answers.csv").text)
    assert [row["Manufacturer Code"] for row in answers] == ["CD02"]


def rows(text: str) -> list[dict[str, str]]:
    """Read CSV."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def ids(text: str) -> list[str]:
    """Give the ids of a table of entries."""
    return [row["CPL Entry ID"] for row in rows(text)]


def test_the_csv_can_be_imported_and_runs_no_formula(served: Served) -> None:
    response = served.get("/export/fir.csv")

    assert response.headers["content-type"].startswith("text/csv")
    assert rows(response.text)[0]["Trade Name"] == "'=1+1"
    table = read_entries(io.BytesIO(response.content))
    assert [row.id for row in table.rows] == [1, 2, 3]
    assert table.rows[0].values["Trade Name"] == "=1+1"


def test_the_json_says_what_it_is_of(served: Served) -> None:
    found: Any = served.get("/export/fir.json").json()

    assert found["publication"]["publication"] == "1-6"
    assert found["publication"]["log"]["size"] == 6
    assert found["publication"]["checkpoint"] == served.get("/log/checkpoint").text
    first = found["entries"][0]
    assert first["cpl_entry_id"] == 1
    assert first["upgradable_from"] == []
    assert first["published_on"] == str(date(2024, 1, 2))


def test_the_parquet_is_typed(served: Served) -> None:
    found = pq.read_table(io.BytesIO(served.get("/export/fir.parquet").content))

    assert found.num_rows == 3
    assert found.column("upgradable_from").to_pylist() == [[], [1], None]
    assert found.column("published_on").to_pylist()[0] == date(2024, 1, 2)
    assert str(found.schema.field("mandatory_step").type) == "bool"


def test_the_answers_have_a_key_for_looking_up(served: Served) -> None:
    found = {row["Key"]: row for row in rows(served.get("/export/answers.csv").text)}

    behind = found["AB01|010A030B|00000001"]
    assert (behind["Standing"], behind["Target"], behind["Pathway"]) == (
        "behind",
        "2",
        "2",
    )
    assert behind["Next Step Hash"] == f"{2:064X}"
    assert behind["Contact Email"] == DESK.email
    assert found["AB01|010A030B|00000002"]["Pathway"] == "N/A"
    assert found["CD02|010A030B|00000003"]["Standing"] == "removed"


def test_the_workbook_verifies(served: Served) -> None:
    assert verified(served.register, served.get("/export/fir.xlsx").content).intact


def test_a_file_of_a_past_state_does_not_change(tmp_path: Path) -> None:
    made = Served(tmp_path / "register.db")
    made.record(Maker(code="AB01", name="Alder", contact=DESK), an_entry(1))
    before = {path: served_at(made, path, 3) for path in PATHS}
    made.clock.move(86_400)
    made.record(an_entry(2, upgradable_from=(1,)))

    assert {path: served_at(made, path, 3) for path in PATHS} == before
    assert ids(made.get("/export/fir.csv").text) == ["1", "2"]
    assert ids(made.get("/export/fir.csv?effective_at=2024-01-02").text) == ["1"]
    made.close()


def served_at(made: Served, path: str, size: int) -> bytes:
    """Give a file of a past state."""
    return made.get(f"{path}?at={size}").content


def test_a_wrong_parameter_is_named(served: Served) -> None:
    response = served.get("/export/fir.csv?at=soon")

    assert response.status_code == 422
    assert "expected a date" in response.json()["detail"]
    assert served.get("/export/fir.csv?format=xlsx").status_code == 422


def test_json_is_one_document(served: Served) -> None:
    assert json.loads(served.get("/export/answers.json").text)["answers"][0]["key"]
