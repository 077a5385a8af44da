"""Strict JSON: every fault has a code and a place, and no fault becomes an empty object."""

import json
from time import process_time

import pytest

from lifecycle.protocol.json_text import DEEPEST, balanced_end
from tests.protocol.bodies import COMPILE, DEPLOY, WAIT, accepted, encoded, refused


def test_l05_a_comma_before_the_closing_brace_is_mended_and_recorded() -> None:
    parsed = accepted('{"decision": "wait", "ticks": 3, }')

    assert parsed.arguments == WAIT
    assert parsed.repairs == ("trailing_comma: took out a comma before a closing bracket",)


def test_l05_commas_within_texts_are_left_alone() -> None:
    text = '{"decision": "wait", "message_to_user": "a,} b,] \\",}",}'

    assert accepted(text).arguments["message_to_user"] == 'a,} b,] ",}'


def test_l05_commas_in_nested_objects_are_mended_too() -> None:
    body = encoded({**COMPILE, "source_files": {"a": "x"}, "source_file_count": 1})
    body = body.replace(b'"x"}', b'"x",\n}').replace(b'"source_total_bytes": 52, ', b"")

    assert accepted(body).arguments["source_files"] == {"a": "x"}


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ('{"decision": "wait",, }', 21),
        ('{,"decision": "wait"}', 2),
        ("{,}", 2),
        ('{"decision": ,}', 14),
        ('{"decision" "wait",}', 13),
    ],
)
def test_l05_other_commas_are_a_fault_with_its_place(text: str, column: int) -> None:
    fault = refused(text)

    assert fault.code == "malformed_json"
    assert (fault.facts["line"], fault.facts["column"]) == (1, column)


@pytest.mark.parametrize(
    "text",
    [
        "{'decision': 'wait'}",
        '{"decision": "wait"} trailing',
        '{"decision": "wait" // a comment\n}',
        '{/* a comment */ "decision": "wait"}',
        '{"decision": wait}',
        '{"decision": None}',
        '{"decision": True}',
        '{"decision": "wait", "message_to_user": "two\nlines"}',
        '{"decision": "wait", "message_to_user": "\\x41"}',
        '{"decision": "wait", "message_to_user": "\\u12"}',
        '{"decision"; "wait"}',
        "hello",
        "\x00",
        '{"decision": "wait"}{"decision": "wait"}',
        "[1, 2",
    ],
)
def test_what_is_no_json_is_malformed_with_line_and_column(text: str) -> None:
    fault = refused(text)

    assert fault.code in {"malformed_json", "truncated"}
    assert fault.facts["line"] >= 1
    assert fault.facts["column"] >= 1
    assert fault.field is None


def test_the_place_is_counted_in_lines_and_columns_from_1() -> None:
    fault = refused('{\n  "decision": "wait",\n  "ticks": x\n}')

    assert (fault.facts["line"], fault.facts["column"]) == (3, 12)


@pytest.mark.parametrize("body", ["", " ", "\n\n"])
def test_an_empty_body_is_malformed(body: str) -> None:
    fault = refused(body)

    assert fault.code == "malformed_json"
    assert fault.facts["problem"] == "it is empty"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"decision',
        '{"decision"',
        '{"decision":',
        '{"decision": "wa',
        '{"decision": "wait"',
        '{"decision": "wait",',
        '{"decision": "wait", "ticks": -',
        '{"decision": "wait", "ticks": 1.',
        '{"decision": "wait", "ticks": 1e',
        '{"decision": "wait", "ticks": 1.5e+',
        '{"activate": tru',
        '{"activate": fals',
        '{"module_id": nul',
        '{"message_to_user": "\\',
        '{"message_to_user": "\\u00',
        '{"source_files": {"a": "b"}',
        '[{"decision": "wait"}',
    ],
)
def test_a_text_that_ends_too_early_is_truncated(text: str) -> None:
    assert refused(text).code == "truncated"


@pytest.mark.parametrize("text", ['{"a": "\\u12"}', '{"a": nope'])
def test_a_fault_before_the_end_is_not_taken_for_a_cut(text: str) -> None:
    assert refused(text).code == "malformed_json"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"decision": "wait", "decision": "wait"}', "decision"),
        ('{"decision": "wait", "ticks": 1, "ticks": 2}', "ticks"),
        ('{"source_files": {"a.c": "1", "b.c": "2", "a.c": "3"}}', "source_files.a.c"),
        ('{"tool_calls": [{}, {"x": 1, "x": 1}]}', "tool_calls.1.x"),
    ],
)
def test_a_name_given_twice_is_refused_with_its_path(text: str, field: str) -> None:
    fault = refused(text)

    assert (fault.code, fault.field) == ("duplicate_key", field)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_l17_constants_that_are_no_json_are_refused_by_field(constant: str) -> None:
    fault = refused(f'{{"decision": "wait", "ticks": {constant}}}')

    assert (fault.code, fault.field) == ("invalid_number", "ticks")
    assert fault.facts == {"received": constant}


def test_l15_an_integer_of_many_digits_does_not_stall() -> None:
    started = process_time()

    fault = refused('{"decision": "wait", "ticks": ' + "7" * 1_000_000 + "}")

    assert (fault.code, fault.field) == ("out_of_range", "ticks")
    assert fault.facts["digits"] == 1_000_000
    assert process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"decision": "wait", "message_to_user": "\\ud800"}', "message_to_user"),
        ('{"decision": "wait", "message_to_user": "\\uDFFF x"}', "message_to_user"),
        ('{"source_files": {"a.c": "\\ud800\\ud800"}}', "source_files.a.c"),
        ('{"source_files": {"\\udc00": "x"}}', "source_files"),
        ('{"tool_calls": ["\\udc00"]}', "tool_calls.0"),
        ('{"\\udc00": 1}', None),
    ],
)
def test_l19_a_lone_surrogate_is_refused_by_field(text: str, field: str | None) -> None:
    fault = refused(text)

    assert (fault.code, fault.field) == ("invalid_utf8", field)
    assert fault.facts == {"problem": "lone_surrogate"}


def test_l19_a_pair_of_surrogates_is_a_character() -> None:
    parsed = accepted('{"decision": "wait", "message_to_user": "\\ud83d\\ude00"}')

    assert parsed.arguments["message_to_user"] == "\U0001f600"


def test_l19_bytes_that_are_no_utf_8_are_refused_by_field_and_never_echoed() -> None:
    fault = refused(b'{"decision": "wait", "message_to_user": "x\xe9 \xff"}')

    assert (fault.code, fault.field) == ("invalid_utf8", "message_to_user")
    assert fault.facts == {"at_byte": 42}


@pytest.mark.parametrize(
    "body", [b"\xff", b'{"a\xff', b"{" * 99 + b"\xff", b'{"decision": "wait"} \xff', b"\xfe\xff\0{"]
)
def test_l19_bad_bytes_outside_of_any_field_are_refused_too(body: bytes) -> None:
    fault = refused(body)

    assert (fault.code, fault.field) == ("invalid_utf8", None)


def test_a_byte_order_mark_is_taken_off_and_recorded() -> None:
    parsed = accepted(b"\xef\xbb\xbf" + encoded(WAIT))

    assert parsed.repairs == ("byte_order_mark: took off the mark before the text",)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"decision": "wait", "x": [', "[{"])
def test_deep_nesting_is_refused_before_it_is_read(opening: str) -> None:
    assert refused(opening * 100_000).code in {"too_deep", "truncated"}
    closing = "".join(
        {"[": "]", "{": "}"}[letter] for letter in reversed(opening) if letter in "[{"
    )
    body = opening * 50 + "1" + closing * 50
    assert refused(body).code == "too_deep"


def test_brackets_within_texts_are_no_nesting() -> None:
    body = {**DEPLOY, "message_to_user": '{["' * 100}

    assert accepted(body).arguments["message_to_user"] == '{["' * 100


def test_as_deep_as_allowed_is_read() -> None:
    body = "[" * DEEPEST + "]" * DEEPEST

    assert refused(body).code == "not_an_object"
    assert refused(f"[{body}]").code == "too_deep"


def test_many_objects_beside_each_other_are_no_nesting() -> None:
    assert refused(json.dumps([{}] * 100)).code == "not_an_object"


def test_a_balanced_piece_is_found_by_its_brackets() -> None:
    assert balanced_end('x {"a": "}"} y', 2, 14) == 12
    assert balanced_end("{[}]", 0, 4) == 4
    assert balanced_end("{{}", 0, 3) is None
    assert balanced_end("{}", 0, 1) is None


def test_h_a_module_of_8_mib_in_hex_is_read_in_well_under_a_second() -> None:
    body = encoded({**DEPLOY, "wasm_bytes_hex": "00" * (8 << 20)})
    started = process_time()

    accepted(body)

    assert process_time() - started < 2
