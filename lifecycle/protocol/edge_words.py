"""The words of refusals at the service's edge. Forms as in `rule_words`."""

from collections.abc import Mapping
from typing import Final

EDGE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "idempotency_key_reused": (
        "This Idempotency-Key was used before with another body.",
        "Use a new key for a new decision, or send the same body again.",
    ),
    "invalid_idempotency_key": (
        "The Idempotency-Key is not acceptable.",
        "Send 1 to 128 printable ASCII characters without spaces, for example a UUID.",
    ),
    "acting_for_another": (
        "{field} names the agent[[ {agent_id}]], for whom you may not act.",
        "Name yourself: self, or your own agent id.",
    ),
    "not_found": (
        "There is nothing here that you can see.",
        "Check the address; what belongs to others is not shown either.",
    ),
    "authentication_failed": (
        "You are not authenticated.",
        "Send the agent's token as Authorization: Bearer, or log in.",
    ),
    "permission_denied": (
        "You may not do this.",
        "Ask an owner of the world for the role that it needs.",
    ),
    "body_too_large": (
        "The body is larger than the service takes[[, which is {maximum} bytes]].",
        "Send fewer or smaller files.",
    ),
    "unsupported_media_type": (
        "The body's media type[[ {received}]] is not one that is read here.",
        "Send application/json.",
    ),
    "rate_limited": (
        "Too many requests came from you in a short time.",
        "Wait[[ {retry_after_seconds} seconds]] and send the request again.",
    ),
    "storage_unavailable": (
        "The store did not take the change; nothing was recorded.",
        "Send the request again later with the same Idempotency-Key.",
    ),
    "world_read_only": (
        "This world takes no decisions; it can only be read.",
        "Submit to another world, or fork this one.",
    ),
    "internal_error": (
        "The service failed while it worked on the request.",
        "Send the request again with the same Idempotency-Key; tell the operator if it stays so.",
    ),
    "method_not_allowed": (
        "The method[[ {method:plain}]] is not possible here.",
        "Use one of the methods that this address has[[: {allowed:plain}]].",
    ),
    "invalid_parameter": (
        "The parameter {field}[[ is {received}, which]] is not acceptable.",
        "Give {field} as the reference says[[: {accepted:plain}]].",
    ),
    "unknown": (
        "The request was refused with the code {code:plain}.",
        "The reference lists every code.",
    ),
}
