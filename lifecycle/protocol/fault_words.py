"""The words of input that is no decision. Forms as in `rule_words`."""

from collections.abc import Mapping
from typing import Final

FAULT_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "malformed_json": (
        "The text is not JSON: at line {line}, column {column}: {problem:plain}.",
        "Send strict JSON: double quotes, no comments, no trailing text.",
    ),
    "truncated": (
        "The text ends before its JSON does: {problem:plain}.",
        (
            "Send the whole decision again; if it is cut off by a length limit, send fewer or "
            "shorter files."
        ),
    ),
    "truncated.declared": (
        "{field} says {declared}, but {received} arrived.",
        "Send the whole package again, or give {field} its true value, or leave it out.",
    ),
    "duplicate_key": (
        "{field} stands twice in one object.",
        "Give every name once.",
    ),
    "duplicate_key.path": (
        "{field} holds the path {path} twice.",
        "Give every file once.",
    ),
    "invalid_number": (
        "{field} is {received:plain}, which is not a JSON number.",
        "Give a plain integer such as 10.",
    ),
    "invalid_utf8": (
        "The text of {field} is not valid UTF-8[[, at byte {at_byte}]].",
        "Send the body as UTF-8.",
    ),
    "invalid_utf8.problem": (
        "The text of {field} holds half of a surrogate pair, which is no character.",
        "Write the character itself, or both halves of the escape.",
    ),
    "too_deep": (
        "The JSON is nested more than {maximum} levels deep.",
        "Send the decision's fields directly; only source_files holds a further object.",
    ),
    "not_an_object": (
        "A decision is an object, but what arrived is of type {received_type:plain}.",
        'Send one JSON object such as {"decision": "wait", "ticks": 1}.',
    ),
    "not_an_object.batch": (
        "A message is one JSON object, but what arrived is of type {batch:plain}.",
        "Send one message at a time, each in a request or line of its own.",
    ),
    "not_an_object.message": (
        "A message is one JSON object, but what arrived is of type {message:plain}.",
        "Send one JSON object with jsonrpc, id, method and params.",
    ),
    "ambiguous_decision": (
        "The reply holds {seen} different decisions, and it is not clear which one is meant.",
        "Answer with exactly one decision.",
    ),
    "ambiguous_decision.quoted": (
        (
            "The reply holds a decision within a sentence or a quotation, and it is not clear "
            "whether it is meant."
        ),
        "Answer with the decision alone, or on a line or in a fence of its own.",
    ),
    "no_decision_found": (
        "The reply holds no decision.",
        (
            "Answer with one call of agent_submit_decision, or one JSON object with the field "
            "decision."
        ),
    ),
    "unknown_tool": (
        "{received} is not a tool that can be called here.",
        "Call {takes:plain}. The tools are {tools:plain}.",
    ),
    "unknown_decision": (
        "decision is {received}, which is no decision.",
        "Use one of {decisions:plain}.",
    ),
    "unknown_field": (
        "There is no field {unknown} here.",
        "Use only {accepted:plain}.",
    ),
    "unknown_field.missing": (
        "There is no field {unknown} here, and the decision lacks {missing:plain}.",
        "Put the fields directly into the arguments. Use only {accepted:plain}.",
    ),
    "missing_field": (
        "The required field {field} is missing.",
        "Give a value for {missing:plain}; null counts as missing.",
    ),
    "wrong_type": (
        "{field} must be of type {expected:plain}, but it is of type {received_type:plain}.",
        "Give {field} as {expected:plain}.",
    ),
    "wrong_type.integer": (
        "{field} must be of type {expected:plain}, but it is of type {received_type:plain}.",
        "Give {field} as {expected:plain}; an integer is written in plain digits, such as 10.",
    ),
    "out_of_range": (
        "{field} is {received:plain}, more than {maximum}.",
        "Give {field} a value of at most {maximum}.",
    ),
    "out_of_range.minimum": (
        "{field} is {received:plain}, less than {minimum}.",
        "Give {field} a value of at least {minimum}.",
    ),
    "out_of_range.digits": (
        "{field} is an integer of {digits} digits, beyond {maximum}.",
        "Give an integer between -{maximum} and {maximum}.",
    ),
    "out_of_range.characters": (
        "{field} has {characters} characters, and at most {maximum} are allowed.",
        "Shorten {field} to {maximum} characters.",
    ),
    "invalid_hex": (
        "{field} is not hexadecimal: {reason:plain}.",
        "Send {accepted:plain}.",
    ),
    "invalid_hash": (
        "{field} is {received}, which is not a SHA-256: {reason:plain}.",
        "Send {accepted:plain}.",
    ),
    "invalid_owner": (
        "{field} is {received}, which names no agent: {reason:plain}.",
        "Use {accepted:plain}.",
    ),
    "invalid_id": (
        "{field} is {received}, which is not a valid id.",
        "Use {accepted:plain}.",
    ),
    "invalid_version": (
        "{field} is {received}, which is not a valid version.",
        "Use {accepted:plain}.",
    ),
    "too_many_decisions": (
        "{seen} decisions were sent in one turn, and none was carried out.",
        "Send exactly one decision per turn.",
    ),
}
