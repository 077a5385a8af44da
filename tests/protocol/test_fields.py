"""Each field of a decision: what is accepted, what it becomes, what is refused and how."""

import base64
import hashlib

import pytest

from lifecycle.core.ids import HEX_RULE, ID_RULE
from lifecycle.protocol.schema import (
    CompileDecision,
    DeployDecision,
    InstallDecision,
    MoveAgentDecision,
    WaitDecision,
)
from tests.protocol.bodies import (
    COMPILE,
    DEPLOY,
    HASH,
    INSTALL,
    MOVE,
    WAIT,
    WAIT_TICKS,
    WASM_HEX,
    accepted,
    refused,
    without,
)


def test_a_wait_holds_its_ticks() -> None:
    assert accepted(WAIT).decision == WaitDecision(decision="wait", ticks=3)


def test_a_wait_without_ticks_is_of_one_tick() -> None:
    assert accepted({"decision": "wait"}).decision == WaitDecision(decision="wait", ticks=1)


def test_wait_ticks_needs_its_ticks() -> None:
    fault = refused({"decision": "wait_ticks"})

    assert (fault.code, fault.field) == ("missing_field", "ticks")


@pytest.mark.parametrize("ticks", [1, 2**53 - 1])
def test_l15_ticks_are_exact_up_to_two_to_the_53rd(ticks: int) -> None:
    parsed = accepted({**WAIT_TICKS, "ticks": ticks})

    assert parsed.decision.ticks == ticks  # type: ignore[union-attr]
    assert parsed.arguments["ticks"] == ticks


@pytest.mark.parametrize("ticks", [0, -1, -(2**53) + 1])
def test_fewer_ticks_than_one_are_out_of_range(ticks: int) -> None:
    fault = refused({**WAIT, "ticks": ticks})

    assert (fault.code, fault.field) == ("out_of_range", "ticks")
    assert fault.facts == {"received": str(ticks), "minimum": 1}


@pytest.mark.parametrize("digits", ["9007199254740992", "9007199254740993", "1" * 19, "9" * 5_000])
def test_l15_larger_integers_are_out_of_range_as_number_and_as_text(digits: str) -> None:
    for written in (digits, f'"{digits}"', f"-{digits}"):
        fault = refused(f'{{"decision": "wait", "ticks": {written}}}')

        assert (fault.code, fault.field) == ("out_of_range", "ticks")


@pytest.mark.parametrize(
    "written",
    [
        '"0x10"',
        '"1e3"',
        '"1,000"',
        '"10abc"',
        '"1 0"',
        '" 10"',
        '"+1"',
        '"-1"',
        '"01"',
        '"3.0"',
        '"٣"',
        '"1_0"',
        "1e3",
        "3.0",
        "1.5",
        "1E400",
        "-0.0",
        "true",
        "false",
        "[1]",
        '{"a": 1}',
    ],
)
def test_l13_what_is_not_a_plain_integer_is_refused_whole(written: str) -> None:
    fault = refused(f'{{"decision": "wait", "ticks": {written}}}')

    assert (fault.code, fault.field) == ("wrong_type", "ticks")
    assert fault.facts["expected"] == "integer"


@pytest.mark.parametrize("written", ["0x10", "1,000", "10abc", "1 0", "+1", "01", "1_0", "1."])
def test_l13_what_is_no_json_number_is_malformed_with_its_place(written: str) -> None:
    fault = refused(f'{{"decision": "wait", "ticks": {written}}}')

    assert fault.code == "malformed_json"
    assert fault.facts["line"] == 1
    assert fault.facts["column"] > 20


def test_l13_the_number_is_told_as_it_was_written() -> None:
    fault = refused('{"decision": "wait", "ticks": 1e3}')

    assert fault.facts == {"expected": "integer", "received_type": "number", "received": "1e3"}


def test_a_plain_decimal_text_is_read_as_an_integer_and_recorded() -> None:
    parsed = accepted({**WAIT, "ticks": "12"})

    assert parsed.decision == WaitDecision(decision="wait", ticks=12)
    assert parsed.repairs == ("integer_from_text: read the text in ticks as an integer",)
    assert parsed.arguments["ticks"] == "12"


def test_zero_as_text_is_out_of_range_like_zero() -> None:
    assert refused({**WAIT, "ticks": "0"}).code == "out_of_range"


@pytest.mark.parametrize("text", ["harbour", " harbour\n", "\tharbour"])
def test_ids_are_trimmed(text: str) -> None:
    assert accepted({**MOVE, "to": text}).decision == MoveAgentDecision(
        decision="move_agent", to="harbour"
    )


@pytest.mark.parametrize("text", ["-a", "a b", "a/b", "../x", "é", "n" * 129, "location:hub"])
@pytest.mark.parametrize(
    ("body", "field"), [(MOVE, "to"), (COMPILE, "module_id"), (DEPLOY, "module_id")]
)
def test_a_text_outside_of_the_grammar_is_no_id(
    body: dict[str, object], field: str, text: str
) -> None:
    fault = refused({**body, field: text})

    assert (fault.code, fault.field) == ("invalid_id", field)
    assert fault.facts["accepted"] == ID_RULE


@pytest.mark.parametrize("value", [3, True, ["harbour"], {"id": "harbour"}, 1.5])
def test_a_text_field_takes_only_text(value: object) -> None:
    fault = refused({**MOVE, "to": value})

    assert (fault.code, fault.field) == ("wrong_type", "to")
    assert fault.facts["expected"] == "string"


@pytest.mark.parametrize("owner", ["self", "SELF", " Self "])
def test_self_is_accepted_in_any_case(owner: str) -> None:
    assert accepted({**INSTALL, "installer": owner}).decision.installer == "self"  # type: ignore[union-attr]


def test_an_owner_may_be_an_agent() -> None:
    assert accepted(DEPLOY).decision.publisher == "agent:scout"  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [without(COMPILE, "publisher"), without(DEPLOY, "publisher")])
def test_an_absent_publisher_is_self(body: dict[str, object]) -> None:
    assert accepted(body).decision.publisher == "self"  # type: ignore[union-attr]


def test_a_location_is_refused_as_an_owner_by_name() -> None:
    fault = refused({**INSTALL, "installer": "location:hub"})

    assert (fault.code, fault.field) == ("invalid_owner", "installer")
    assert fault.facts == {
        "received": "location:hub",
        "reason": "a location cannot own an artifact or a module",
        "accepted": "self, or agent:<id>",
    }


@pytest.mark.parametrize("owner", ["scout", "agent:", "agent: scout", "agent:a b", "Agent:scout"])
def test_other_texts_are_no_owners(owner: str) -> None:
    fault = refused({**DEPLOY, "publisher": owner})

    assert (fault.code, fault.field) == ("invalid_owner", "publisher")


@pytest.mark.parametrize("version", [None, "", "  "])
def test_a_blank_version_is_the_default(version: str | None) -> None:
    decision = accepted({**INSTALL, "module_version": version}).decision

    assert isinstance(decision, InstallDecision)
    assert decision.module_version == "0.1.0"


@pytest.mark.parametrize("version", ["1.0.0", "v1", "2026-11-25", "1.0.0-rc.1+build_7", "9" * 64])
def test_versions_are_short_plain_texts(version: str) -> None:
    assert accepted({**INSTALL, "module_version": version}).decision.module_version == version  # type: ignore[union-attr]


@pytest.mark.parametrize("version", ["-1", ".1", "1 0", "é", "9" * 65, "1/2", "<b>"])
def test_other_texts_are_no_versions(version: str) -> None:
    fault = refused({**INSTALL, "module_version": version})

    assert (fault.code, fault.field) == ("invalid_version", "module_version")


def test_an_absent_activate_is_true() -> None:
    assert accepted(without(INSTALL, "activate")).decision.activate is True  # type: ignore[union-attr]


@pytest.mark.parametrize("value", ["true", "yes", 1, 0, []])
def test_activate_takes_only_true_and_false(value: object) -> None:
    fault = refused({**INSTALL, "activate": value})

    assert (fault.code, fault.field) == ("wrong_type", "activate")
    assert fault.facts["expected"] == "boolean"


@pytest.mark.parametrize("spelling", [HASH.upper(), f" {HASH}\n", f"0x{HASH}", f"sha256:{HASH}"])
@pytest.mark.parametrize("body", [DEPLOY, INSTALL])
def test_h01_h03_h05_every_accepted_spelling_of_a_hash_becomes_the_stored_one(
    body: dict[str, object], spelling: str
) -> None:
    assert accepted({**body, "wasm_hash": spelling}).decision.wasm_hash == HASH  # type: ignore[union-attr]


def test_h03_white_space_inside_of_a_hash_is_refused() -> None:
    assert refused({**INSTALL, "wasm_hash": f"{HASH[:9]} {HASH[9:]}"}).code == "invalid_hash"


def test_h05_another_algorithm_is_refused_by_name() -> None:
    fault = refused({**INSTALL, "wasm_hash": f"sha512:{HASH}{HASH}"})

    assert (fault.code, fault.field) == ("invalid_hash", "wasm_hash")
    assert fault.facts["reason"] == "sha512 is not an accepted algorithm"


def test_h07_a_base64_digest_is_refused_as_not_hexadecimal() -> None:
    digest = base64.b64encode(hashlib.sha256(b"").digest()).decode()

    fault = refused({**INSTALL, "wasm_hash": digest})

    assert fault.code == "invalid_hash"
    assert fault.facts["reason"] == "it holds characters that are not hexadecimal digits"


@pytest.mark.parametrize("spelling", [WASM_HEX.upper(), f"0x{WASM_HEX}", f"\n{WASM_HEX} "])
def test_hex_is_decoded_from_every_accepted_spelling(spelling: str) -> None:
    decision = accepted({**DEPLOY, "wasm_bytes_hex": spelling}).decision

    assert isinstance(decision, DeployDecision)
    assert decision.wasm_bytes_hex == b"\0asm\1\0\0\0"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc", "it has 3 digits, an odd number"),
        ("0x", "it holds no digits"),
        ("AGFzbQEAAAA=", "its character 2 is not a hexadecimal digit"),
        ("00 61", "its character 3 is not a hexadecimal digit"),
        ("0x0g", "its character 2 is not a hexadecimal digit"),
    ],
)
def test_what_is_not_hex_is_refused_with_the_reason(text: str, reason: str) -> None:
    fault = refused({**DEPLOY, "wasm_bytes_hex": text})

    assert (fault.code, fault.field) == ("invalid_hex", "wasm_bytes_hex")
    assert fault.facts == {"reason": reason, "accepted": HEX_RULE, "received": text}


@pytest.mark.parametrize("value", [0, ["00"], False])
def test_hex_is_a_text(value: object) -> None:
    fault = refused({**DEPLOY, "wasm_bytes_hex": value})

    assert (fault.code, fault.field) == ("wrong_type", "wasm_bytes_hex")


def test_source_texts_and_paths_are_kept_as_they_are() -> None:
    files = {" main.c ": "\n  int x;\t\n", "a": " "}

    decision = accepted(
        {**without(COMPILE, "source_file_count", "source_total_bytes"), "source_files": files}
    ).decision

    assert isinstance(decision, CompileDecision)
    assert decision.source_files == files


def test_a_manifest_path_is_trimmed() -> None:
    decision = accepted({**COMPILE, "manifest_path": " main.c\n"}).decision

    assert isinstance(decision, CompileDecision)
    assert decision.manifest_path == "main.c"


@pytest.mark.parametrize("files", ["main.c", 3, True])
def test_source_files_are_an_object(files: object) -> None:
    fault = refused({**COMPILE, "source_files": files})

    assert (fault.code, fault.field) == ("wrong_type", "source_files")
    assert fault.facts["expected"] == "object"


def test_a_source_text_that_is_none_is_named_by_its_path() -> None:
    fault = refused({**COMPILE, "source_files": {"src/a.c": 3}})

    assert (fault.code, fault.field) == ("wrong_type", "source_files.src/a.c")


@pytest.mark.parametrize(
    ("field", "declared", "received"), [("source_file_count", 3, 2), ("source_total_bytes", 53, 52)]
)
def test_l27_a_package_that_is_not_what_it_says_is_truncated(
    field: str, declared: int, received: int
) -> None:
    fault = refused({**COMPILE, field: declared})

    assert (fault.code, fault.field) == ("truncated", field)
    assert fault.facts == {"declared": declared, "received": received}


def test_l27_bytes_are_counted_as_utf_8() -> None:
    body = {**COMPILE, "source_files": {"main.c": "é"}, "source_file_count": 1}

    assert accepted({**body, "source_total_bytes": 2}).repairs == ()
    assert refused({**body, "source_total_bytes": 1}).code == "truncated"


def test_a_message_to_the_user_goes_with_any_decision() -> None:
    decision = accepted({**MOVE, "message_to_user": " Off I go. "}).decision

    assert decision.message_to_user == "Off I go."


def test_a_message_that_is_too_long_is_refused_with_its_length() -> None:
    fault = refused({**WAIT, "message_to_user": "x" * 10_001})

    assert (fault.code, fault.field) == ("out_of_range", "message_to_user")
    assert fault.facts == {"characters": 10_001, "maximum": 10_000}
