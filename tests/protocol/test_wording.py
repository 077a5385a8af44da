"""Every code has words; facts are quoted and shortened, and missing ones never raise."""

import re
from typing import Any, get_args

import pytest
from hypothesis import given, strategies

from lifecycle.core.ids import AgentId, ModuleId, WasmHash
from lifecycle.core.rejections import (
    CompileEnded,
    HashMismatch,
    InvalidWasm,
    LimitExceeded,
    ManifestMissing,
    ModuleIdTaken,
    NotArtifactOwner,
    Rejection,
    ToolchainUnavailable,
    record_of,
)
from lifecycle.protocol.wording import WORDED_CODES, Wording, describe, hint_of
from lifecycle.toolchains.results import FailureCode
from lifecycle.wasm.report import Reason
from tests.protocol.bodies import COMPILE, DEPLOY, INSTALL, MOVE, WAIT, refused

FAULTS = {
    "malformed_json",
    "truncated",
    "duplicate_key",
    "invalid_number",
    "invalid_utf8",
    "too_deep",
    "not_an_object",
    "ambiguous_decision",
    "no_decision_found",
    "unknown_tool",
    "unknown_decision",
    "unknown_field",
    "missing_field",
    "empty_field",
    "wrong_type",
    "out_of_range",
    "invalid_hex",
    "invalid_hash",
    "invalid_owner",
    "invalid_id",
    "invalid_version",
    "too_many_decisions",
}
EDGE = {
    "idempotency_key_reused",
    "invalid_idempotency_key",
    "acting_for_another",
    "not_found",
    "world_exists",
    "authentication_failed",
    "permission_denied",
    "body_too_large",
    "unsupported_media_type",
    "busy",
    "rate_limited",
    "storage_unavailable",
    "internal_error",
    "method_not_allowed",
    "invalid_parameter",
}
TEAMS = {
    "last_maintainer",
    "already_member",
    "invitation_unknown",
    "invitation_used",
    "invitation_revoked",
    "invitation_expired",
}
RULES = {cls.code for cls in get_args(Rejection) if cls is not CompileEnded}
COMPILES = set(get_args(FailureCode)) | {"compile_worker_lost"}
CODES = sorted(FAULTS | EDGE | TEAMS | RULES | COMPILES)


def words_of(rejection: Rejection) -> Wording:
    record = record_of(rejection)
    return describe(record.code, record.field, record.facts)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence_and_a_hint(code: str) -> None:
    assert code in WORDED_CODES

    wording = describe(code, "ticks", {})

    assert wording.message.endswith(".")
    assert wording.hint
    assert "{" not in wording.message
    assert "[[" not in wording.message + wording.hint


@given(
    strategies.sampled_from(CODES) | strategies.text(max_size=20),
    strategies.none() | strategies.text(max_size=200),
    strategies.dictionaries(
        strategies.sampled_from(
            ["reason", "detail", "maximum", "missing", "declared", "flags", "x"]
        ),
        strategies.recursive(
            strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(),
            lambda inner: (
                strategies.lists(inner, max_size=30)
                | strategies.dictionaries(strategies.text(), inner, max_size=5)
            ),
            max_leaves=40,
        ),
    ),
)
def test_no_facts_make_it_fail_or_show_what_cannot_be_printed(
    code: str, field: str | None, facts: dict[str, Any]
) -> None:
    wording = describe(code, field, facts)

    assert wording.message.isprintable()
    assert wording.hint.isprintable()


def test_an_unknown_code_is_told_as_such() -> None:
    assert "brand_new" in describe("brand_new", None, {}).message


def test_facts_are_quoted_and_shortened() -> None:
    message = describe("unknown_decision", "decision", {"received": "x" * 500}).message

    assert message == f"decision is “{'x' * 79}…”, which is no decision."


def test_facts_cannot_bring_control_characters_or_templates() -> None:
    message = describe("agent_not_found", "publisher", {"agent_id": "\x1b[2J{field}\n"}).message

    assert (
        message == "publisher names the agent “\ufffd[2J{field}\ufffd”, which is not in this world."
    )


def test_a_field_that_is_not_known_is_the_request() -> None:
    assert describe("empty_field", None, {}).message == "the request is empty."


def test_long_lists_are_cut_and_counted() -> None:
    files = tuple(f"{number}.c" for number in range(25))

    message = words_of(ManifestMissing("x.c", files)).message

    assert message.endswith("“19.c” and 5 more.")


def test_an_empty_list_is_said_to_be_empty() -> None:
    assert words_of(ManifestMissing("x.c", ())).message.endswith("it holds none.")


@pytest.mark.parametrize(
    ("rejection", "parts"),
    [
        (ModuleIdTaken(ModuleId("clock"), AgentId("ada")), ["“clock”", "“ada”"]),
        (NotArtifactOwner(AgentId("bob"), AgentId("ada")), ["“bob”", "“ada”"]),
        (HashMismatch(WasmHash("a" * 64), WasmHash("b" * 64)), ["a" * 64, "b" * 64]),
        (LimitExceeded("ticks", "max_wait_ticks", 5, 6), ["ticks", "6", "max_wait_ticks", "5"]),
        (ToolchainUnavailable("rust", "apt-get install rustc"), ["“rust”"]),
    ],
)
def test_the_sentence_names_the_facts(rejection: Rejection, parts: list[str]) -> None:
    message = words_of(rejection).message

    assert all(part in message for part in parts)


def test_a_missing_toolchain_comes_with_the_command_that_installs_it() -> None:
    hint = words_of(ToolchainUnavailable("rust", "apt-get install rustc")).hint

    assert hint.endswith(": apt-get install rustc")


@pytest.mark.parametrize("reason", get_args(Reason))
def test_w_each_reason_of_an_unacceptable_module_has_its_own_words(reason: str) -> None:
    wording = words_of(InvalidWasm("wasm_bytes_hex", reason, {}))

    assert wording != words_of(InvalidWasm("wasm_bytes_hex", "another", {}))
    assert "wasm_bytes_hex" in wording.message


def test_w15_s37_a_forbidden_feature_is_named_with_the_flag_that_turns_it_off() -> None:
    facts = {"feature": "simd", "flags": {"rustc": "-C target-feature=-simd128"}}

    wording = words_of(InvalidWasm("wasm_bytes_hex", "feature_not_allowed", facts))

    assert "“simd”" in wording.message
    assert "rustc: -C target-feature=-simd128" in wording.hint


def test_w15_a_feature_without_a_flag_leaves_the_flags_out() -> None:
    hint = words_of(InvalidWasm("source_files", "feature_not_allowed", {"feature": "gc"})).hint

    assert hint == "Compile without gc."


def test_w11_a_limit_of_modules_is_named_with_both_numbers() -> None:
    facts = {"limit_name": "params_total", "actual": 7, "maximum": 5}

    message = words_of(InvalidWasm("wasm_bytes_hex", "limit_exceeded", facts)).message

    assert all(part in message for part in ("params_total", "7", "5"))


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ('{"decision": "wait"', ["ends"]),
        ('{"decision": wait}', ["line 1", "column 14"]),
        ({**WAIT, "ticks": 0}, ["ticks is 0, less than 1"]),
        ({**WAIT, "ticks": "9007199254740993"}, ["ticks is 9007199254740993, more than"]),
        ('{"decision": "wait", "ticks": ' + "9" * 30 + "}", ["30 digits"]),
        ({**WAIT, "message_to_user": "x" * 10_001}, ["10001 characters", "10000"]),
        ({**WAIT, "ticks": "1e3"}, ["ticks must be of type integer", "string"]),
        ({"x": 1}, ["“x”", "lacks decision"]),
        ({**WAIT, "x": 1}, ["no field “x”"]),
        ({**MOVE, "to": None}, ["to is missing"]),
        ({**MOVE, "to": "a b"}, ["“a b”"]),
        ({**COMPILE, "source_file_count": 9}, ["source_file_count says 9, but 2 arrived"]),
        ({**INSTALL, "wasm_hash": "md5:00"}, ["“md5:00”", "md5 is not an accepted algorithm"]),
        ({**DEPLOY, "wasm_bytes_hex": "abc"}, ["3 digits, an odd number"]),
        ({**INSTALL, "installer": "location:hub"}, ["“location:hub”", "a location cannot own"]),
        ([WAIT, WAIT], ["2 decisions", "none was carried out"]),
        ([], ["type list"]),
        ('{"decision": "wait", "ticks": NaN}', ["ticks is NaN"]),
        ('{"decision": "wait", "message_to_user": "\\ud800"}', ["message_to_user", "surrogate"]),
        (b'{"decision": "wait", "message_to_user": "\xff"}', ["message_to_user", "byte 41"]),
    ],
)
def test_the_words_of_a_fault_name_field_and_value(body: object, parts: list[str]) -> None:
    fault = refused(body)

    message = describe(fault.code, fault.field, fault.facts).message

    assert all(part in message for part in parts), message
    assert "(not given)" not in message


def test_a_code_alone_has_a_hint_with_blanks_for_its_facts() -> None:
    hints = {code: hint_of(code) for code in WORDED_CODES}

    assert all(hints.values())
    assert [code for code, hint in hints.items() if re.search(r"\{[a-z_]+\}", hint)] == []
    assert any(re.search(r"<[a-z_]+>", hint) for hint in hints.values())


def test_too_many_compiles_at_once_are_told_to_wait() -> None:
    facts = {"limit": "max_pending_compiles", "maximum": 16, "actual": 17}

    told = describe("limit_exceeded", "publisher", facts)

    assert told.message.startswith("This would be compile 17 of the publisher")
    assert told.hint.startswith("Wait until one has ended")
