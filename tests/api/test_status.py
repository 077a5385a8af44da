"""The status query over HTTP: totals, filter, limits, cursor, compiles, what is allowed."""

from datetime import timedelta

import pytest
from django.conf import settings

from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.compilers import report_toolchains
from lifecycle.usecases.limits import service_wasm_policy
from tests.api.speaking import Api, agent
from tests.service import compile_source, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db
STATUS = "module-lifecycle-status/"


def test_the_reply_of_an_empty_world_is_whole(ada: Api) -> None:
    reply = ada.get(STATUS).json

    assert (reply["artifacts_total"], reply["artifacts"]) == (0, [])
    assert (reply["installed_modules_total"], reply["installed_modules"]) == (0, [])
    assert (reply["compiles"], reply["next_cursor"]) == ([], None)
    assert reply["head_seq"] == ada.get().json["head_seq"]


def test_artifacts_and_modules_come_newest_first_and_without_bytes(ada: Api) -> None:
    for number in (1, 2, 3):
        deploy("ada", wasm(number))
        install("ada", wasm(number), f"clock-{number}")
    deploy("bob", wasm(1))

    answer = ada.get(STATUS)

    hashes = [artifact["wasm_hash"] for artifact in answer.json["artifacts"]]
    assert hashes == [hash_of(wasm(number)) for number in (3, 2, 1)]
    oldest = answer.json["artifacts"][2]
    assert oldest["publisher_agent_id"] == "ada"
    assert oldest["owner_agent_ids"] == ["ada", "bob"]
    assert oldest["bytes_len"] == len(wasm(1))
    modules = [module["module_id"] for module in answer.json["installed_modules"]]
    assert modules == ["clock-3", "clock-2", "clock-1"]
    assert answer.json["installed_modules"][0]["install_target"] == {"type": "self_agent"}
    assert wasm(1).hex() not in answer.body.decode()


@pytest.mark.parametrize(
    ("asked", "applied"),
    [("", 32), ("5", 5), ("0", 1), ("-3", 1), ("257", 256), ("99999", 256), ("x", 32), ("1.5", 32)],
)
def test_a_limit_is_clamped_and_what_is_no_integer_is_the_default(
    ada: Api, asked: str, applied: int
) -> None:
    reply = ada.get(f"{STATUS}?limit_artifacts={asked}&limit_installed={asked}").json

    assert (reply["limit_artifacts"], reply["limit_installed"]) == (applied, applied)


def test_totals_are_counted_before_the_cut_and_the_cursor_finds_the_rest(ada: Api) -> None:
    for number in range(1, 6):
        deploy("ada", wasm(number))
    install("ada", wasm(1), "a")
    install("ada", wasm(2), "b")

    seen: list[str] = []
    modules: list[str] = []
    query = f"{STATUS}?limit_artifacts=2&limit_installed=1"
    reply = ada.get(query).json
    while True:
        assert (reply["artifacts_total"], reply["installed_modules_total"]) == (5, 2)
        seen += [artifact["wasm_hash"] for artifact in reply["artifacts"]]
        modules += [module["module_id"] for module in reply["installed_modules"]]
        if reply["next_cursor"] is None:
            break
        reply = ada.get(f"{query}&cursor={reply['next_cursor']}").json

    assert seen == [hash_of(wasm(number)) for number in (5, 4, 3, 2, 1)]
    assert modules == ["b", "a"]


@pytest.mark.parametrize("cursor", ["x", "1", "1.", "-1.2", "1.2.3", "9" * 40])
def test_a_cursor_that_no_reply_gave_is_refused(ada: Api, cursor: str) -> None:
    answer = ada.get(f"{STATUS}?cursor={cursor}")

    assert (answer.status, answer.code, answer.json["field"]) == (
        400,
        "invalid_parameter",
        "cursor",
    )


def test_m05_the_filter_finds_artifacts_by_hint_and_by_install_and_counts_the_rest(
    ada: Api,
) -> None:
    deploy("ada", wasm(1), module_id="clock")
    deploy("ada", wasm(2))
    install("ada", wasm(2), "clock")
    deploy("ada", wasm(3))
    install("ada", wasm(3), "clock", module_version="0.2.0")
    deploy("ada", wasm(4), module_id="bell")
    install("ada", wasm(4), "bell")

    reply = ada.get(f"{STATUS}?module_id=clock").json

    hashes = {artifact["wasm_hash"] for artifact in reply["artifacts"]}
    assert hashes == {hash_of(wasm(number)) for number in (1, 2, 3)}
    assert (reply["artifacts_total"], reply["artifacts_filtered_out"]) == (3, 1)
    assert [module["module_id"] for module in reply["installed_modules"]] == ["clock"]
    assert (reply["installed_modules_total"], reply["installed_modules_filtered_out"]) == (1, 1)


def test_a_compile_shows_its_place_in_the_queue_of_all_worlds(ada: Api) -> None:
    found_world("other", "eve")
    compile_source("eve", "x", "a.wat", {"a.wat": "(module)"}, world="other")
    first = compile_source("ada", "clock", "a.wat", {"a.wat": "(module)"})
    second = compile_source("bob", "bell", "a.wat", {"a.wat": "(module (memory 1))"})

    reply = ada.get(STATUS).json

    assert [(job["id"], job["state"], job["position"]) for job in reply["compiles"]] == [
        (second.decision_id, "queued", 3),
        (first.decision_id, "queued", 2),
    ]
    assert reply["queue"] == {"queued": 3, "running": 0, "stalled": False}
    filtered = ada.get(f"{STATUS}?module_id=bell").json["compiles"]
    assert [job["module_id"] for job in filtered] == ["bell"]


def test_m07_a_failed_compile_shows_why_and_installs_nothing(ada: Api) -> None:
    deploy("ada", wasm(1))
    install("ada", wasm(1), "clock")
    compile_source("ada", "clock", "a.wat", {"a.wat": "(module (func (result i32"})
    assert run_job(CompileJob.objects.get().pk) == "failed"

    reply = ada.get(STATUS).json

    [job] = reply["compiles"]
    assert (job["state"], job["reason"]) == ("failed", "compile_failed")
    assert job["rejection"]["code"] == "compile_failed"
    assert [module["wasm_hash"] for module in reply["installed_modules"]] == [hash_of(wasm(1))]


def test_a_compile_that_succeeded_is_an_artifact_and_no_longer_a_compile(ada: Api) -> None:
    compile_source("ada", "clock", "a.wat", {"a.wat": "(module)"})
    assert run_job(CompileJob.objects.get().pk) == "succeeded"

    reply = ada.get(STATUS).json

    assert reply["compiles"] == []
    assert [artifact["module_id_hint"] for artifact in reply["artifacts"]] == ["clock"]


def test_q05_a_queue_that_nobody_serves_shows_as_stalled(ada: Api) -> None:
    compile_source("ada", "clock", "a.wat", {"a.wat": "(module)"})
    CompileJob.objects.update(requested_at=utc_now() - timedelta(minutes=5))

    reply = ada.get(STATUS).json

    assert reply["queue"]["stalled"]
    assert reply["compiles"][0]["stalled"]


def test_w15_the_reply_tells_limits_features_and_toolchains(ada: Api) -> None:
    report_toolchains()

    limits = ada.get(STATUS).json["limits"]

    assert limits["max_source_files"] == settings.ENVIRONMENT.max_source_files
    assert limits["max_pending_compiles"] == settings.ENVIRONMENT.max_pending_compiles
    assert limits["wasm"]["features"] == sorted(service_wasm_policy().features)
    toolchains = {toolchain["name"]: toolchain for toolchain in limits["toolchains"]}
    assert toolchains["wat"]["available"]
    assert toolchains["wat"]["version"]


def test_the_query_belongs_to_its_world(tokens: dict[str, str]) -> None:
    other = found_world("other", "eve")
    deploy("ada", wasm(1))

    assert agent(other["eve"]).get(STATUS).status == 404
    assert agent(tokens["bob"]).get(STATUS).json["artifacts_total"] == 1
