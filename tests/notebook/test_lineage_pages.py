"""Pages of one artifact and one decision: what is inside, where it came from, what was said."""

import hashlib

import pytest

from lifecycle.models.content import ModuleInspection
from lifecycle.models.worlds import Role
from tests.notebook.people import (
    BROKEN_WAT,
    GOOD_WAT,
    browser_of,
    run_compiles,
    send,
    text_of,
)
from tests.service import compile_source, decide, deploy, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db

RICH = """
(module
  (import "host" "log" (func (param i32 i64)))
  (memory (export "memory") 2 9)
  (global (export "counter") (mut i32) (i32.const 0))
  (table (export "jumps") 3 funcref)
  (func (export "tick") (param i32) (result i64) i64.const 1))
"""


def compiled(text: str) -> str:
    """Compile a text for ada and give the artifact's hash."""
    compile_source("ada", "clock", "clock.wat", {"clock.wat": text})
    assert run_compiles() == ["succeeded"]
    return ModuleInspection.objects.get().wasm_hash


def test_an_artifact_shows_imports_exports_and_limits() -> None:
    found_world()
    address = f"/worlds/demo/artifacts/{compiled(RICH)}/"

    page = text_of(browser_of("eve", Role.VIEWER).get(address))

    assert "(i32, i64) \u2192 ()" in page
    assert "(i32) \u2192 (i64)" in page
    assert "2 to 9 pages of 65536 bytes" in page
    assert "mutable i32" in page
    assert "3 or more of funcref" in page


def test_an_artifact_shows_its_provenance_and_its_sources() -> None:
    found_world()
    page = browser_of("eve", Role.VIEWER).get(f"/worlds/demo/artifacts/{compiled(GOOD_WAT)}/")

    [publication] = page.context["page"].publications
    assert publication.provenance["toolchain"] == "wat"
    assert page.context["page"].sources.files == {"clock.wat": GOOD_WAT}
    assert 'id="clock.wat:1"' in text_of(page)


def test_a_source_file_may_have_any_name() -> None:
    found_world()
    files = {"items": "of a list", "clock.wat": GOOD_WAT}
    compile_source("ada", "clock", "clock.wat", files)
    assert run_compiles() == ["succeeded"]
    address = f"/worlds/demo/artifacts/{ModuleInspection.objects.get().wasm_hash}/"

    page = text_of(browser_of("eve", Role.VIEWER).get(address))

    assert "of a list" in page
    assert 'id="clock.wat:1"' in page


@pytest.mark.parametrize("spelling", ["{}", "0x{}", "sha256:{}"])
def test_an_artifact_is_found_by_any_spelling_of_its_hash(spelling: str) -> None:
    found_world()
    deploy("ada", wasm())
    name = spelling.format(hash_of(wasm()).upper())

    assert browser_of("eve", Role.VIEWER).get(f"/worlds/demo/artifacts/{name}/").status_code == 200


def test_the_download_is_the_bytes_of_the_hash() -> None:
    found_world()
    deploy("ada", wasm())

    answer = browser_of("eve", Role.VIEWER).get(f"/worlds/demo/artifacts/{hash_of(wasm())}/wasm")

    assert hashlib.sha256(answer.content).hexdigest() == hash_of(wasm())
    assert answer.headers["Content-Type"] == "application/wasm"
    assert f'filename="{hash_of(wasm())}.wasm"' in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["0" * 64, "zz", "md5:" + "0" * 32])
def test_a_hash_that_is_unknown_or_none_is_not_found(name: str) -> None:
    found_world()

    assert browser_of("eve", Role.VIEWER).get(f"/worlds/demo/artifacts/{name}/").status_code == 404


def test_an_uploaded_artifact_has_no_sources_and_says_so() -> None:
    found_world()
    deploy("ada", wasm())

    page = browser_of("eve", Role.VIEWER).get(f"/worlds/demo/artifacts/{hash_of(wasm())}/")

    assert page.context["page"].sources is None
    assert "upload" in text_of(page)


def test_a_failed_compile_links_each_diagnostic_to_its_line() -> None:
    found_world()
    sent = compile_source("ada", "clock", "clock.wat", {"clock.wat": BROKEN_WAT})
    run_compiles()

    page = browser_of("eve", Role.VIEWER).get(f"/worlds/demo/decisions/{sent.decision_id}/")

    assert 'href="#clock.wat:1"' in text_of(page)
    assert 'id="clock.wat:1"' in text_of(page)


def test_a_decision_shows_its_events_with_their_hashes() -> None:
    found_world()
    waited = decide("ada", "wait_ticks", ticks=2)

    page = text_of(
        browser_of("eve", Role.VIEWER).get(f"/worlds/demo/decisions/{waited.decision_id}/")
    )

    assert "AgentWaited" in page
    assert f'data-copy="{waited.appended[0].hash}"' in page


def test_what_was_no_decision_is_shown_as_it_was_sent() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    send(client, "wait <b>please</b>")

    [cell] = client.get("/worlds/demo/").context["page"].cells
    page = text_of(client.get(f"/worlds/demo/decisions/{cell.decision['id']}/"))

    assert "wait &lt;b&gt;please&lt;/b&gt;" in page
