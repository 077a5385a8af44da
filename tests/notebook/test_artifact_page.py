"""An artifact's page: where it came from and went, what was remarked, its files, its rebuilds."""

import io
import zipfile
from urllib.parse import urlsplit

import pytest

from lifecycle.models.content import ModuleInspection
from lifecycle.models.jobs import Rebuild
from lifecycle.models.worlds import Role
from lifecycle.usecases.rebuilds import run_rebuild
from tests.notebook.people import GOOD_WAT, browser_of, run_compiles, text_of
from tests.notebook.test_hostile_text import SCRIPT, assert_harmless
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db

WARNED = "int f(void) { int unused; return 1; }\n#warning look here {text}\n"


def compiled(
    source: str = GOOD_WAT, manifest: str = "clock.wat", files: dict[str, str] | None = None
) -> str:
    """Compile for ada in a new world and give the artifact's address."""
    found_world()
    compile_source("ada", "clock", manifest, {manifest: source, **(files or {})})
    assert run_compiles() == ["succeeded"]
    return f"/worlds/demo/artifacts/{ModuleInspection.objects.get().wasm_hash}/"


def test_the_page_leads_to_the_decision_the_request_and_the_event() -> None:
    address = compiled()

    page = text_of(browser_of("eve", Role.VIEWER).get(address))

    assert 'href="/worlds/demo/at/?seq=5"' in page
    assert 'href="/worlds/demo/at/?seq=6"' in page
    assert "decision</a> by api" in page


def test_the_page_tells_where_it_is_installed_and_was() -> None:
    address = compiled()
    [wasm_hash] = [address.split("/")[-2]]
    decide("ada", "install_module_from_artifact", module_id="clock", wasm_hash=wasm_hash)
    decide("ada", "install_module_from_artifact", module_id="lamp", wasm_hash=wasm_hash)
    deploy("ada", wasm())
    install("ada", wasm(), "clock", module_version="0.2.0")

    answer = browser_of("eve", Role.VIEWER).get(address)

    rows = answer.context["installs"].rows
    assert [(row.module_id, row.in_force) for row in rows] == [("lamp", True), ("clock", False)]
    assert "replaced" in text_of(answer)


def test_a19_what_a_compiler_remarked_on_sources_that_it_took_is_shown_as_text() -> None:
    address = compiled(WARNED.replace("{text}", SCRIPT), "clock.c")

    answer = browser_of("eve", Role.VIEWER).get(address)

    assert any("look here" in remark["message"] for remark in answer.context["remarks"])
    assert_harmless(text_of(answer))


def test_the_remarks_are_those_of_the_first_compile_where_the_cache_answers() -> None:
    address = compiled(WARNED, "clock.c")
    again = {"clock.c": WARNED}
    compile_source("bob", "clock", "clock.c", again)
    run_compiles()
    found_world("other")
    compile_source("ada", "clock", "clock.c", again, world="other")
    run_compiles()

    page = browser_of("eve", Role.VIEWER, world="other").get(address.replace("demo", "other"))

    assert any("look here" in remark["message"] for remark in page.context["remarks"])


def test_the_sources_come_as_a_zip_file_that_is_always_the_same() -> None:
    address = compiled(files={"docs/read.me": "ü\n"})
    client = browser_of("eve", Role.VIEWER)

    first, second = (client.get(f"{address}sources.zip") for _ in range(2))

    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        assert archive.namelist() == ["clock.wat", "docs/read.me"]
        assert archive.read("clock.wat").decode() == GOOD_WAT
        assert archive.read("docs/read.me").decode() == "ü\n"
    assert first.content == second.content
    assert first.headers["Content-Type"] == "application/zip"


def test_an_upload_has_no_sources_to_download_or_rebuild() -> None:
    found_world()
    deploy("ada", wasm())
    address = f"/worlds/demo/artifacts/{hash_of(wasm())}/"
    client = browser_of("eve", Role.OPERATOR)

    assert client.get(f"{address}sources.zip").status_code == 404
    assert "uploaded, not compiled here" in text_of(client.get(address))


def test_one_click_rebuilds_and_the_result_stays_on_the_page() -> None:
    address = compiled()
    client = browser_of("eve", Role.OPERATOR)

    sent = client.post(f"{address}rebuilds/")
    assert sent.status_code == 303
    assert urlsplit(sent.headers["Location"])._replace(fragment="").geturl() == address
    assert "queued" in text_of(client.get(address))
    assert 'hx-trigger="every 2s"' in text_of(client.get(f"{address}rebuilds/"))

    run_rebuild(Rebuild.objects.get().pk)

    part = text_of(client.get(f"{address}rebuilds/"))
    assert "the same bytes" in part
    assert "hx-trigger" not in part
    assert "the same bytes" in text_of(client.get(address))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_may_not_act_may_not_rebuild(role: Role) -> None:
    address = compiled()
    client = browser_of("eve", role)

    assert client.post(f"{address}rebuilds/").status_code == 403
    assert "<button>Rebuild and compare</button>" not in text_of(client.get(address))
    assert not Rebuild.objects.exists()


def test_too_many_rebuilds_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifecycle.usecases.rebuilds.MOST_UNFINISHED", 0)
    address = compiled()

    answer = browser_of("eve", Role.OPERATOR).post(f"{address}rebuilds/")

    assert answer.status_code == 429
    assert "rate_limited" in text_of(answer)
