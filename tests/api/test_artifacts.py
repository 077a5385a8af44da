"""Artifacts over HTTP: the list, one by any spelling of its hash, its bytes, its sources."""

import pytest

from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.compile import run_job
from tests.api.speaking import Api, agent
from tests.service import compile_source, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db
WASM = wasm()
HASH = hash_of(WASM)
SOURCE = '(module (func (export "tick") (result i32) i32.const 7))'


def test_artifacts_are_paged_newest_first(ada: Api) -> None:
    for number in range(1, 6):
        deploy("ada", wasm(number), module_id="odd" if number % 2 else "even")

    first = ada.get("artifacts/?limit=3").json
    rest = ada.get(f"artifacts/?limit=3&before={first['next']}").json
    odd = ada.get("artifacts/?module_id=odd").json

    hashes = [artifact["wasm_hash"] for artifact in first["artifacts"] + rest["artifacts"]]
    assert hashes == [hash_of(wasm(number)) for number in (5, 4, 3, 2, 1)]
    assert rest["next"] is None
    assert len(odd["artifacts"]) == 3


@pytest.mark.parametrize("query", ["limit=x", "before=-1", "before=1e3", "before=" + "9" * 30])
def test_a_malformed_page_is_refused(ada: Api, query: str) -> None:
    assert ada.get(f"artifacts/?{query}").code == "invalid_parameter"


@pytest.mark.parametrize(
    "spelling", [HASH, HASH.upper(), f"0x{HASH}", f"sha256:{HASH}", f"%20{HASH.upper()}%0A"]
)
def test_h01_h03_h05_an_artifact_is_found_by_every_spelling_of_its_hash(
    ada: Api, spelling: str
) -> None:
    deploy("ada", WASM)

    assert ada.get(f"artifacts/{spelling}/").json["wasm_hash"] == HASH
    assert ada.get(f"artifacts/{spelling}/wasm").body == WASM


@pytest.mark.parametrize("spelling", ["abc", f"sha512:{HASH}", HASH + "00", "..%2F..", "g" * 64])
def test_a_malformed_hash_and_an_unknown_hash_are_told_apart(ada: Api, spelling: str) -> None:
    for tail in ("/", "/wasm"):
        malformed = ada.get(f"artifacts/{spelling}{tail}".replace("%2F", "_"))
        unknown = ada.get(f"artifacts/{'0' * 64}{tail}")
        assert (malformed.status, malformed.code) == (400, "invalid_hash")
        assert (unknown.status, unknown.code) == (404, "artifact_unknown")


def test_an_artifact_tells_its_owners_its_installs_and_what_it_holds(ada: Api) -> None:
    deploy("ada", WASM)
    deploy("bob", WASM)
    install("bob", WASM, "clock", module_version="1.0.0")

    artifact = ada.get(f"artifacts/{HASH}/").json

    assert [row["agent_id"] for row in artifact["publications"]] == ["ada", "bob"]
    assert all(row["provenance"] is None for row in artifact["publications"])
    assert [row["module_id"] for row in artifact["installed_modules"]] == ["clock"]
    assert artifact["module_versions"] == [{"module_id": "clock", "module_version": "1.0.0"}]
    assert [export["name"] for export in artifact["inspection"]["exports"]] == ["tick"]


def test_w01_a_module_of_the_header_alone_is_accepted_and_shows_that_it_exports_nothing(
    ada: Api,
) -> None:
    header = b"\0asm\1\0\0\0"
    deploy("ada", header)

    assert ada.get(f"artifacts/{hash_of(header)}/").json["inspection"]["exports"] == []


def test_a_compiled_artifact_leads_back_to_the_text_that_the_agent_wrote(ada: Api) -> None:
    decision = compile_source("ada", "clock", "src/a.wat", {"src/a.wat": SOURCE, "README": "hi"})
    assert run_job(CompileJob.objects.get().pk) == "succeeded"

    [summary] = ada.get("artifacts/").json["artifacts"]
    artifact = ada.get(f"artifacts/{summary['wasm_hash']}/").json
    [publication] = artifact["publications"]
    digest = publication["provenance"]["source_digest"]
    package = ada.get(f"sources/{digest}/").json

    assert publication["decision_id"] == decision.decision_id
    assert publication["provenance"]["toolchain"] == "wat"
    assert package["files"] == {"README": "hi", "src/a.wat": SOURCE}
    assert package["manifest_path"] == "src/a.wat"
    assert package["requests"][0]["wasm_hash"] == summary["wasm_hash"]


def test_a_source_package_is_seen_only_by_worlds_that_compile_it(ada: Api) -> None:
    eve = agent(found_world("other", "eve")["eve"])
    compile_source("ada", "clock", "a.wat", {"a.wat": SOURCE})
    digest = CompileJob.objects.get().source_digest

    assert ada.get(f"sources/{digest}/").status == 200
    assert ada.get(f"sources/{'0' * 64}/").code == "not_found"
    assert ada.get("sources/abc/").code == "invalid_hash"
    foreign = eve.get(f"/api/v1/worlds/other/sources/{digest}/")
    assert (foreign.status, foreign.code) == (404, "not_found")


def test_bytes_that_only_another_world_has_are_unknown_here(ada: Api) -> None:
    found_world("other", "eve")
    deploy("eve", WASM, world="other")

    assert ada.get(f"artifacts/{HASH}/wasm").code == "artifact_unknown"


def test_the_bytes_come_as_a_file_that_never_changes(ada: Api) -> None:
    deploy("ada", WASM)

    answer = ada.get(f"artifacts/{HASH}/wasm")

    assert answer.body == WASM
    assert answer.headers["Content-Type"] == "application/wasm"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{HASH}.wasm"'
    assert answer.headers["ETag"] == f'"{HASH}"'
    assert "immutable" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_bytes_that_the_caller_has_are_not_sent_again(ada: Api) -> None:
    deploy("ada", WASM)

    answer = ada.get(f"artifacts/{HASH}/wasm", If_None_Match=f'"{HASH}"')

    assert (answer.status, answer.body) == (304, b"")
    assert ada.get(f"artifacts/{HASH}/wasm", If_None_Match='"other"').status == 200


def test_the_answer_is_json_whatever_is_asked_for(ada: Api) -> None:
    answer = ada.get("artifacts/?format=xml", Accept="application/xml")

    assert (answer.status, answer.media_type) == (200, "application/json")


def test_modules_are_listed_newest_first_and_found_by_id(ada: Api) -> None:
    deploy("ada", WASM)
    for name in ("a", "b", "c"):
        install("ada", WASM, name)

    first = ada.get("modules/?limit=2").json
    rest = ada.get(f"modules/?limit=2&before={first['next']}").json

    listed = [row["module_id"] for row in first["installed_modules"] + rest["installed_modules"]]
    assert listed == ["c", "b", "a"]
    assert ada.get("modules/b/").json["wasm_hash"] == HASH
    assert ada.get("modules/unknown/").code == "not_found"


def test_m09_a_lower_version_and_a_reused_version_are_allowed_and_flagged(ada: Api) -> None:
    deploy("ada", wasm(1))
    deploy("ada", wasm(2))
    install("ada", wasm(1), "clock", module_version="1.0.0")

    reused = ada.decide(
        "install_module_from_artifact",
        wasm_hash=hash_of(wasm(2)),
        module_id="clock",
        module_version="1.0.0",
    )
    lowered = ada.decide(
        "install_module_from_artifact",
        wasm_hash=hash_of(wasm(2)),
        module_id="clock",
        module_version="0.9.0",
    )

    assert reused.json["events"][0]["payload"]["flags"] == ["version_reused"]
    assert lowered.json["events"][0]["payload"]["flags"] == ["version_lowered"]
