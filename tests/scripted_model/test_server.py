"""The server keeps every request, remembers every fault, and ends without a trace."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import openai
import pytest

from tests.scripted_model.answers import Answer, Completion, call, say, text
from tests.scripted_model.asking import (
    NO_CERTIFICATES,
    TOOL,
    ask,
    client_of,
    fetched,
    function_tool,
)
from tests.scripted_model.faulty_replies import rate_limited, stalled
from tests.scripted_model.received import Received
from tests.scripted_model.server import Fault, ScriptedModel


def said(model: ScriptedModel) -> str | None:
    return ask(model).choices[0].message.content


def test_answers_are_given_in_order() -> None:
    with ScriptedModel(text("one"), text("two")) as model:
        assert [said(model), said(model)] == ["one", "two"]
        assert model.left == 0


def test_answers_can_be_put_after_those_of_the_beginning() -> None:
    with ScriptedModel(text("one")) as model:
        model.add(text("two"), text("three"))

        assert [said(model), said(model)] == ["one", "two"]
        assert model.left == 1


def test_a_script_that_is_over_is_a_fault() -> None:
    with ScriptedModel(text("one")) as model:
        said(model)
        with pytest.raises(openai.InternalServerError, match="The script is over"):
            ask(model)

    assert model.faults == [Fault(2, "The script is over.")]


def test_the_last_answer_can_be_repeated() -> None:
    with ScriptedModel(text("one"), text("two"), after="repeat") as model:
        assert [said(model) for _ in range(4)] == ["one", "two", "two", "two"]

    assert model.faults == []


def test_repeating_needs_something_to_repeat() -> None:
    with ScriptedModel(after="repeat") as model, pytest.raises(openai.InternalServerError):
        ask(model)


def test_an_answer_can_depend_on_its_request() -> None:
    def echo(request: Received) -> Answer:
        return text(f"{request.model} heard {request.last_content('user')}")

    with ScriptedModel(echo, after="repeat") as model:
        assert said(model) == "any heard Hello"

    assert model.faults == []


def test_an_answer_that_cannot_be_made_is_a_fault_and_told() -> None:
    def broken(request: Received) -> Answer:
        raise KeyError(request.model)

    with (
        ScriptedModel(broken) as model,
        pytest.raises(openai.InternalServerError, match="KeyError: 'any'"),
    ):
        ask(model)

    assert [fault.message for fault in model.faults] == ["The script failed: KeyError: 'any'"]


def test_an_answer_that_no_json_holds_is_a_fault_and_ends_the_connection() -> None:
    with (
        ScriptedModel(say(Completion(content=object()))) as model,
        pytest.raises(openai.APIConnectionError),
    ):
        ask(model)

    [fault] = model.faults
    assert fault.message.startswith("The server failed: TypeError")


def test_an_answer_that_is_a_refusal_is_no_fault() -> None:
    with ScriptedModel(rate_limited()) as model, pytest.raises(openai.RateLimitError):
        ask(model)

    assert model.faults == []


def test_a_faulty_request_is_refused_and_remembered_and_takes_no_answer() -> None:
    with ScriptedModel(text("Hello")) as model, client_of(model) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="any", messages=[], extra_body={"top_k": 1})
        after = said(model)

    told = "Unknown parameter: 'top_k'."
    assert (caught.value.param, caught.value.code) == ("top_k", "unknown_parameter")
    assert caught.value.body == {
        "message": told,
        "type": "invalid_request_error",
        "param": "top_k",
        "code": "unknown_parameter",
    }
    assert model.faults == [Fault(1, told, "top_k", "unknown_parameter")]
    assert after == "Hello"


def test_a_stream_is_refused_with_openais_error() -> None:
    with (
        ScriptedModel(text("Hello")) as model,
        client_of(model) as client,
        pytest.raises(openai.BadRequestError, match="'stream'"),
    ):
        client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "Hello"}], stream=True
        )

    assert [fault.param for fault in model.faults] == ["stream"]


def test_a_request_is_kept_with_its_headers_body_and_moment() -> None:
    before = time.monotonic()
    with ScriptedModel(call(TOOL, {})) as model, client_of(model) as client:
        client.chat.completions.create(
            model="any",
            messages=[
                {"role": "system", "content": "You are scout."},
                {"role": "user", "content": "Hello"},
            ],
            tools=[{"type": "function", "function": {"name": TOOL}}],
        )

    [request] = model.requests
    assert (request.number, request.method, request.path) == (1, "POST", "/v1/chat/completions")
    assert request.header("authorization") == "Bearer sk-of-a-test"
    assert request.header("x-not-there") is None
    assert request.messages[0] == {"role": "system", "content": "You are scout."}
    assert request.tools == [function_tool()]
    assert (request.last_content(), request.last_content("system")) == ("Hello", "You are scout.")
    assert request.last_content("tool") == ""
    assert b"sk-of-a-test" not in request.body
    assert before <= request.received_at <= time.monotonic()


def test_a_request_that_is_no_json_is_kept_too() -> None:
    with ScriptedModel() as model:
        url = f"{model.base_url}/chat/completions"
        headers = {"Content-Type": "application/json"}
        reply = httpx2.post(url, content=b"{", headers=headers, verify=NO_CERTIFICATES)

    [request] = model.completions
    assert reply.status_code == 400
    assert (request.body, request.document, request.model) == (b"{", {}, "")


def test_a_body_sent_in_chunks_is_refused_and_remembered() -> None:
    with ScriptedModel() as model:
        url = f"{model.base_url}/chat/completions"
        headers = {"Content-Type": "application/json"}
        pieces = iter([b"{", b"}"])
        reply = httpx2.post(url, content=pieces, headers=headers, verify=NO_CERTIFICATES)

    assert reply.status_code == 400
    assert len(model.faults) == 1


def test_the_models_are_listed() -> None:
    with ScriptedModel() as any_model, client_of(any_model) as client:
        assert [model.id for model in client.models.list()] == ["scripted-model"]
    with ScriptedModel(models=["a", "b"]) as two, client_of(two) as client:
        assert [model.id for model in client.models.list()] == ["a", "b"]

    assert two.completions == []
    assert len(two.requests) == 1


def test_a_model_that_it_does_not_have_is_refused() -> None:
    with (
        ScriptedModel(text("Hello"), models=["a"]) as model,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        ask(model)

    assert caught.value.code == "model_not_found"
    assert [fault.code for fault in model.faults] == ["model_not_found"]


@pytest.mark.parametrize(("api_key", "faults"), [("sk-of-a-test", 0), ("sk-other", 1)])
def test_a_key_that_it_wants_is_wanted(api_key: str, faults: int) -> None:
    with ScriptedModel(api_key=api_key) as model, client_of(model) as client:
        if faults:
            with pytest.raises(openai.AuthenticationError):
                client.models.list()
        else:
            client.models.list()

    assert len(model.faults) == faults


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/chat/completions"), ("POST", "/responses"), ("DELETE", "/models")],
)
def test_any_other_address_is_a_fault(method: str, path: str) -> None:
    with ScriptedModel() as model:
        reply = httpx2.request(method, f"{model.base_url}{path}", verify=NO_CERTIFICATES)

    assert reply.status_code == 404
    assert [fault.message for fault in model.faults] == [f"Invalid URL ({method} /v1{path})"]


def test_one_connection_carries_many_requests() -> None:
    with ScriptedModel(text("Hello"), after="repeat") as model, client_of(model) as client:
        for _ in range(20):
            client.chat.completions.create(model="any", messages=[{"role": "user", "content": ""}])

    assert [request.number for request in model.requests] == list(range(1, 21))


def test_a_stalled_answer_blocks_no_other() -> None:
    with ScriptedModel(stalled(text("late"), 60), text("soon")) as model:
        waiting = threading.Thread(target=_give_up, args=(model,))
        waiting.start()
        while not model.requests:
            time.sleep(0.001)
        assert said(model) == "soon"
        waiting.join()


def _give_up(model: ScriptedModel) -> None:
    with pytest.raises(openai.APITimeoutError):
        ask(model, timeout_s=0.5)


def test_many_clients_are_answered_at_once_each_once() -> None:
    answers = [text(str(number)) for number in range(40)]

    with ScriptedModel(*answers) as model, ThreadPoolExecutor(8) as clients:
        found = list(clients.map(lambda _: said(model), range(40)))

    assert sorted(str(content) for content in found) == sorted(map(str, range(40)))
    assert model.faults == []


def test_closing_ends_waits_connections_and_threads() -> None:
    before = threading.active_count()
    begun = time.monotonic()

    with ScriptedModel(stalled(text("late"), 60)) as model:
        with pytest.raises(openai.APITimeoutError):
            ask(model, timeout_s=0.05)
        with httpx2.Client(verify=NO_CERTIFICATES) as idle:
            idle.get(f"{model.base_url}/models")
            model.close()

    assert time.monotonic() - begun < 3
    assert threading.active_count() == before
    with pytest.raises(httpx2.ConnectError):
        fetched(model)


def test_a_port_can_be_chosen_and_is_free_again_at_once() -> None:
    with ScriptedModel() as model:
        port = model.port
    with ScriptedModel(text("Hello"), port=port) as again:
        assert again.base_url == f"http://127.0.0.1:{port}/v1"
        assert said(again) == "Hello"


def test_a_client_that_hangs_up_in_its_request_is_no_fault() -> None:
    with ScriptedModel(text("Hello")) as model:
        with socket.create_connection(("127.0.0.1", model.port)) as half:
            half.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        assert said(model) == "Hello"

    assert model.faults == []
