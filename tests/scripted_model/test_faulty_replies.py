"""Each fault of the transport is one that OpenAI's client runs into, and ends with its server."""

import json
import time

import httpx2
import openai
import pytest

from tests.scripted_model import faulty_replies as faulty
from tests.scripted_model.answers import Answer, text
from tests.scripted_model.asking import NO_CERTIFICATES, ask, client_of, fetched
from tests.scripted_model.server import ScriptedModel


def refused_by(answer: Answer) -> openai.APIStatusError:
    """Give the error that a client makes of an answer's status."""
    with ScriptedModel(answer) as model, pytest.raises(openai.APIStatusError) as caught:
        ask(model)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "kind", "status", "code"),
    [
        (faulty.rate_limited(), openai.RateLimitError, 429, "rate_limit_exceeded"),
        (faulty.quota_spent(), openai.RateLimitError, 429, "insufficient_quota"),
        (faulty.server_error(), openai.InternalServerError, 500, None),
        (faulty.server_error(502), openai.InternalServerError, 502, None),
        (faulty.unavailable(), openai.InternalServerError, 503, None),
        (faulty.unauthorized(), openai.AuthenticationError, 401, "invalid_api_key"),
        (faulty.unknown_model(), openai.NotFoundError, 404, "model_not_found"),
        (faulty.bad_request(), openai.BadRequestError, 400, None),
        (
            faulty.context_too_long(),
            openai.BadRequestError,
            400,
            "context_length_exceeded",
        ),
    ],
)
def test_a_refusal_is_what_openais_client_knows(
    answer: Answer, kind: type[openai.APIStatusError], status: int, code: str | None
) -> None:
    error = refused_by(answer)

    assert type(error) is kind
    assert (error.status_code, error.code) == (status, code)


@pytest.mark.parametrize(
    ("answer", "retry_after"),
    [
        (faulty.rate_limited("7"), "7"),
        (faulty.rate_limited("Wed, 21 Oct 2026 07:28:00 GMT"), "Wed, 21 Oct 2026 07:28:00 GMT"),
        (faulty.rate_limited(None), None),
        (faulty.unavailable("3"), "3"),
    ],
)
def test_a_refusal_says_when_to_come_again(answer: Answer, retry_after: str | None) -> None:
    assert refused_by(answer).response.headers.get("Retry-After") == retry_after


@pytest.mark.parametrize(
    "answer",
    [faulty.invalid_json(), faulty.empty_body(), faulty.invalid_utf8()],
    ids=["cut", "empty", "no UTF-8"],
)
def test_a_body_that_is_no_json_says_that_it_is(answer: Answer) -> None:
    with ScriptedModel(answer) as model:
        reply = fetched(model)

    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(ValueError):  # noqa: PT011 - of two readers, each with an error of its own
        json.loads(reply.content)


def test_a_page_comes_as_a_page() -> None:
    with ScriptedModel(faulty.html(), faulty.html(502)) as model:
        replies = [fetched(model), fetched(model)]

    assert [reply.status_code for reply in replies] == [200, 502]
    assert {reply.headers["Content-Type"] for reply in replies} == {"text/html; charset=utf-8"}


def test_an_answer_can_come_under_another_type() -> None:
    with ScriptedModel(faulty.wrong_type(text("Hello"))) as model:
        reply = fetched(model)

    assert reply.headers["Content-Type"] == "text/plain"
    assert reply.json()["choices"][0]["message"]["content"] == "Hello"


def test_json_that_is_no_completion_is_sent_as_it_is() -> None:
    with ScriptedModel(faulty.other_json([1]), faulty.raw("[2]"), faulty.error_in_ok()) as model:
        replies = [fetched(model).json() for _ in range(3)]

    assert replies[:2] == [[1], [2]]
    assert replies[2]["error"]["message"] == "Provider returned error"


def test_a_huge_body_is_as_large_as_it_was_told() -> None:
    with ScriptedModel(faulty.huge(3_000_000)) as model:
        assert len(ask(model).choices[0].message.content or "") == 3_000_000


def test_a_compressed_body_is_small_on_the_wire() -> None:
    with ScriptedModel(faulty.compressed(3_000_000)) as model:
        reply = fetched(model)

    assert int(reply.headers["Content-Length"]) < 30_000
    assert len(reply.content) > 3_000_000


def test_an_endless_body_goes_on_until_the_client_has_enough() -> None:
    with ScriptedModel(faulty.endless()) as model, httpx2.Client(verify=NO_CERTIFICATES) as client:
        document = {"model": "any", "messages": [{"role": "user", "content": "Hello"}]}
        read = 0
        with client.stream("POST", f"{model.base_url}/chat/completions", json=document) as reply:
            for piece in reply.iter_raw():
                read += len(piece)
                if read > 1_000_000:
                    break

    assert read > 1_000_000
    assert model.faults == []


@pytest.mark.parametrize(
    "answer",
    [faulty.stalled(text("Hello"), 60), faulty.stalled_in_body(text("Hello"), 60)],
    ids=["before the status line", "in the body"],
)
def test_a_stall_outlasts_the_clients_patience_but_not_the_server(answer: Answer) -> None:
    begun = time.monotonic()

    with ScriptedModel(answer) as model, pytest.raises(openai.APITimeoutError):
        ask(model, timeout_s=0.1)

    assert time.monotonic() - begun < 5
    assert model.faults == []


@pytest.mark.parametrize(
    "answer",
    [
        faulty.stalled(text("Hello"), 0.2),
        faulty.stalled_in_body(text("Hello"), 0.2),
        faulty.trickled(text("Hello"), piece_bytes=50, pause_s=0.05),
        faulty.trickled(faulty.stalled_in_body(text("Hello"), 0.2), 50, 0.001),
    ],
    ids=["late", "late in its body", "in pieces", "both"],
)
def test_a_slow_answer_comes_whole(answer: Answer) -> None:
    begun = time.monotonic()

    with ScriptedModel(answer) as model:
        content = ask(model).choices[0].message.content

    assert content == "Hello"
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (faulty.dropped(), httpx2.RemoteProtocolError),
        (faulty.dropped(reset=True), httpx2.ReadError),
        (faulty.dropped_in_body(text("Hello")), httpx2.RemoteProtocolError),
        (faulty.dropped_in_body(text("Hello"), reset=True), httpx2.ReadError),
        (faulty.dropped_in_body(text("Hello"), 0), httpx2.RemoteProtocolError),
    ],
)
def test_a_dropped_connection_is_an_error_of_the_connection(
    answer: Answer, cause: type[Exception]
) -> None:
    with ScriptedModel(answer, text("Hello")) as model:
        with pytest.raises(openai.APIConnectionError) as caught:
            ask(model)
        after = ask(model).choices[0].message.content

    assert type(caught.value.__cause__) is cause
    assert after == "Hello"
    assert model.faults == []


def test_a_redirect_names_another_host() -> None:
    with ScriptedModel(text("I am another")) as other:
        elsewhere = f"{other.base_url}/chat/completions"
        with ScriptedModel(faulty.redirected(elsewhere)) as model, client_of(model) as client:
            kept = client.with_options(http_client=httpx2.Client(verify=NO_CERTIFICATES))
            with pytest.raises(openai.APIStatusError) as caught:
                kept.chat.completions.create(
                    model="any", messages=[{"role": "user", "content": "Hello"}]
                )
            kept.close()

    assert caught.value.response.headers["Location"] == elsewhere
    assert caught.value.status_code == 307
    assert other.requests == []
