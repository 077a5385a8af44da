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
        "Send 1 to 255 printable ASCII characters without spaces, for example a UUID.",
    ),
    "acting_for_another": (
        "{field} names an agent for whom you may not act[[: {received}]].",
        "Name yourself: self, or your own agent id[[, {agent_id}]].",
    ),
    "not_found": (
        "There is nothing here that you can see.",
        "Check the address; what belongs to others is not shown either.",
    ),
    "not_found.decisions": (
        "No tool that only asks is called {received}.",
        (
            "Send the arguments of agent_submit_decision to {decisions:plain} by POST; the tools "
            "that only ask are {accepted:plain}."
        ),
    ),
    "not_found.slash": (
        "Nothing is at {received:plain}, but something is at {slash:plain}; nothing was done.",
        "Send the same request to {slash:plain}, with the slash at its end.",
    ),
    "not_found.schema": (
        "There is nothing at this address.",
        (
            "Decisions go to /api/v1/worlds/WORLD/decisions/ by POST; {schema:plain} lists every "
            "address."
        ),
    ),
    "authentication_failed": (
        "You are not authenticated.",
        "Send the agent's token as Authorization: Bearer, or log in.",
    ),
    "permission_denied": (
        "You may not do this.",
        "Ask a maintainer of the world for the role that it needs.",
    ),
    "permission_denied.agents": (
        "Only an agent may ask this, and you are none.",
        "Send the token of an agent of this world as Authorization: Bearer.",
    ),
    "body_too_large": (
        "The body is larger than the service takes[[, which is {maximum} bytes]].",
        "Send fewer or smaller files.",
    ),
    "unsupported_media_type": (
        "{field} is[[ {received}, which is]] not one that is read here.",
        "Send the body[[ as {accepted:plain}]], uncompressed and in UTF-8.",
    ),
    "csrf_failed": (
        "The request does not prove that it comes from a page of this service.",
        "Send the value of the csrftoken cookie as X-CSRFToken, or use an agent's token.",
    ),
    "bad_request": (
        "The request is not one that can be read here.",
        "Send it as the reference says.",
    ),
    "body_incomplete": (
        "The body ended before its declared length; nothing was done.",
        "Send the whole body again.",
    ),
    "journal_broken": (
        "The journal of this world is not what was once appended[[: event {seq}, {reason:plain}]].",
        "Tell the operator; verify names the first bad event.",
    ),
    "world_broken": (
        "The world's history is broken[[ at event {seq}, {reason:plain}]]; it takes nothing new.",
        (
            "Check it anew (verify)[[; if the fault stays, go on in a fork of its first "
            "{last_good_seq} events (fork --at {last_good_seq}), which are good]]."
        ),
    ),
    "world_broken.tables": (
        "The world's tables differ from its history; it takes nothing new until they match.",
        "Have the operator derive them again with rebuild, which opens the world again.",
    ),
    "signing_key_unusable": (
        "The service has no usable key to sign checkpoints with.",
        "Have the operator see that the key's file is a readable PEM file of an Ed25519 key.",
    ),
    "rate_limited": (
        "Too many requests came from you in a short time.",
        "Wait[[ {retry_after_seconds} seconds]] and send the request again.",
    ),
    "too_many_streams": (
        "You have {open} streams open, and more are not given to one caller.",
        "Close one that is not read any more; one stream tells all of a world.",
    ),
    "busy": (
        "The service gives as many long answers at once as it can.",
        "Send the request again after Retry-After seconds.",
    ),
    "storage_unavailable": (
        "The store did not take the change; nothing was recorded.",
        "Send the request again later with the same Idempotency-Key.",
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
    "invalid_parameter.ticked": (
        "Agents are named, {ticked:plain}, but Only these is not chosen; nothing was changed.",
        "Choose Only these for the named agents alone, or All agents with none of them named.",
    ),
    "too_many_drafts": (
        "You have {maximum} drafts in this world, and more are not kept.",
        "Submit or delete some of them.",
    ),
    "draft_too_large": (
        "The draft has {actual} bytes, and at most {maximum} are kept.",
        "Submit it without a draft, or make it smaller.",
    ),
    "unknown": (
        "The request was refused with the code {code:plain}.",
        "The reference lists every code.",
    ),
}
