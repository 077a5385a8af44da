"""Owners and hashes as a table (CSV): the rows that the list shows, and no formula."""

import csv
import io

import pytest
from django.test import Client

from lifecycle.models.projections import Publication
from tests.admin.auditing import auditor, fill_world, superuser
from tests.service import hash_of, wasm

pytestmark = pytest.mark.django_db


def csv_of(client: Client, **query: str) -> list[list[str]]:
    answer = client.get("/admin/lifecycle/publication/csv/", query)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode()
    return list(csv.reader(io.StringIO(text)))


def test_owners_and_hashes_are_a_table_of_the_rows_that_the_list_shows() -> None:
    fill_world()
    fill_world("theirs")
    client, _ = auditor("eve", "demo")

    columns, *rows = csv_of(client)
    chosen = csv_of(client, q=hash_of(wasm())[:6])

    assert columns[:4] == ["world", "wasm_hash", "owner_agent_id", "first_publisher_agent_id"]
    assert {row[0] for row in rows} == {"demo"}
    assert len(rows) == 2
    assert [row[1] for row in chosen[1:]] == [hash_of(wasm())]
    assert chosen[1][2:5] == ["ada", "ada", str(len(wasm()))]


@pytest.mark.parametrize("world", ["theirs", "nowhere", "", "a\0b"])
def test_there_is_no_table_of_a_world_that_is_not_the_auditors(world: str) -> None:
    fill_world()
    fill_world("theirs")
    client, _ = auditor("eve", "demo")
    address = "/admin/lifecycle/publication/csv/"

    foreign = client.get(address, {"world": world})

    assert foreign.status_code == 404
    assert csv_of(client, world="demo")[1:]
    assert superuser().get(address, {"world": "nowhere"}).status_code == 404
    assert client.get(address, {"e": "1", "world__slug__nothing": "x"}).status_code == 400


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_is_a_formula(sign: str) -> None:
    fill_world()
    Publication.objects.update(agent_id=f"{sign}HYPERLINK()")

    _, row, _ = csv_of(superuser())

    assert row[2] == f"'{sign}HYPERLINK()"
