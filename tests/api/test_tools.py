"""The tools over HTTP: their definitions in each form, and a call of each that only asks."""

import pytest
from django.conf import settings

from lifecycle.models.jobs import CompileJob
from lifecycle.protocol.names import QUERY_TOOL_NAMES, TOOL_NAMES
from lifecycle.protocol.tools import ToolFormat, tool_definitions
from lifecycle.usecases.compile import run_job
from tests.api.speaking import DEMO, Api
from tests.service import compile_source, deploy, hash_of, install, wasm

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("form", ToolFormat)
@pytest.mark.parametrize("strict", [False, True])
def test_the_tools_are_given_in_each_form(ada: Api, form: ToolFormat, strict: bool) -> None:  # noqa: FBT001
    answer = ada.get(f"tools/?format={form.value}&strict={int(strict)}")

    assert answer.status == 200
    assert answer.json == tool_definitions(form, strict=strict)


def test_without_a_format_the_tools_come_in_openais(ada: Api) -> None:
    names = [tool["function"]["name"] for tool in ada.get("tools/").json]

    assert tuple(names) == TOOL_NAMES


def test_a_format_that_is_none_is_refused_with_those_there_are(ada: Api) -> None:
    answer = ada.get("tools/?format=yaml")

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
    assert "anthropic" in answer.json["hint"]


def test_the_observation_tells_an_agent_of_itself(ada: Api) -> None:
    deploy("ada", wasm(1))
    install("ada", wasm(1), "clock")
    deploy("bob", wasm(2))

    seen = ada.post("tools/world_observation/", {}).json

    assert seen["agent_id"] == "ada"
    assert [artifact["wasm_hash"] for artifact in seen["own_artifacts"]] == [hash_of(wasm(1))]
    assert [module["module_id"] for module in seen["own_modules"]] == ["clock"]
    assert (seen["own_artifacts_total"], seen["own_modules_total"]) == (1, 1)
    assert "bob" in seen["agents_here"]
    assert [result["status"] for result in seen["last_results"]] == ["applied", "applied"]


def test_the_observation_tells_why_the_last_decision_was_refused(ada: Api) -> None:
    ada.decide("move_agent", to="nowhere")

    [result] = ada.post("tools/world_observation/", {}).json["last_results"]

    assert result["rejection"]["code"] == "location_not_found"
    assert result["rejection"]["hint"]


def test_the_guide_names_limits_toolchains_and_how_refusals_are_avoided(ada: Api) -> None:
    guide = ada.post("tools/world_rules_guide/", {}).json

    assert guide["limits"]["max_source_files"] == settings.ENVIRONMENT.max_source_files
    assert guide["limits"]["wasm"]["features"]
    install_rules = guide["decisions"][-1]
    assert install_rules["decision"] == "install_module_from_artifact"
    assert {rule["code"] for rule in install_rules["refusals"]} >= {"not_artifact_owner"}
    assert all(rule["avoid"] for rule in install_rules["refusals"])


def test_the_guide_tells_of_one_decision_alone(ada: Api) -> None:
    guide = ada.post("tools/world_rules_guide/", {"decision": "move_agent"}).json

    assert [entry["decision"] for entry in guide["decisions"]] == ["move_agent"]


def test_a_failed_compile_tells_file_line_and_message(ada: Api) -> None:
    compile_source("ada", "clock", "main.c", {"main.c": "int f(void) { return x; }\n"})
    run_job(CompileJob.objects.get().pk)

    result = ada.post("tools/compile_result/", {}).json

    assert (result["state"], result["reason"]) == ("failed", "compile_failed")
    [diagnostic] = [one for one in result["diagnostics"] if one["severity"] == "error"]
    assert (diagnostic["file"], diagnostic["line"]) == ("main.c", 1)
    assert ada.post("tools/compile_result/", {"decision_id": result["id"]}).json == result


def test_a_compile_that_is_not_there_is_not_found(ada: Api) -> None:
    for arguments in ({}, {"decision_id": "none"}):
        answer = ada.post("tools/compile_result/", arguments)
        assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_l21_the_dotted_name_of_a_tool_is_taken(ada: Api) -> None:
    answer = ada.post("tools/module.lifecycle.status/", {"limit_artifacts": "x"})

    assert answer.json == ada.get("module-lifecycle-status/").json


@pytest.mark.parametrize("name", ["agent_submit_decision", "status", "x" * 200])
def test_l23_another_name_is_not_found_and_the_tools_are_told(ada: Api, name: str) -> None:
    answer = ada.post(f"tools/{name}/", {})

    assert answer.status == 404
    assert answer.json["facts"]["accepted"] == ", ".join(QUERY_TOOL_NAMES)
    assert f"{DEMO}decisions/" in answer.json["hint"]
    assert all(tool in answer.json["hint"] for tool in QUERY_TOOL_NAMES)


@pytest.mark.parametrize("name", QUERY_TOOL_NAMES)
@pytest.mark.parametrize("body", [b"", b" \n"])
@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
def test_a_query_without_a_body_asks_for_the_defaults(
    ada: Api, name: str, body: bytes, media_type: str
) -> None:
    url = f"{DEMO}tools/{name}/"

    answer = ada.send("POST", url, body, **{"Content-Type": media_type})

    asked = ada.post(f"tools/{name}/", {})
    assert (answer.status, answer.json) == (asked.status, asked.json)


def test_a_query_with_a_body_of_another_kind_is_refused_by_its_type(ada: Api) -> None:
    url = f"{DEMO}tools/world_observation/"

    answer = ada.send("POST", url, b"{}", **{"Content-Type": "text/plain"})

    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "truncated"),
        (b"{]}", "malformed_json"),
        (b"[]", "not_an_object"),
        (b'{"agent": 1}', "unknown_field"),
        (b'{"module_id": 7}', "wrong_type"),
        (b'"\xff"', "invalid_utf8"),
    ],
)
def test_malformed_arguments_of_a_query_are_refused_by_name(
    ada: Api, body: bytes, code: str
) -> None:
    url = f"{DEMO}tools/module_lifecycle_status/"
    answer = ada.send("POST", url, body)

    assert (answer.status, answer.json["code"]) == (400, code)
