"""Choosing two artifacts, and the page that tells where they differ."""

import pytest
from django.test import Client

from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from tests.notebook.people import browser_of, run_compiles, text_of
from tests.notebook.test_hostile_text import SCRIPT, assert_harmless
from tests.service import compile_source, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    found_world()
    deploy("ada", wasm(1), module_id="clock")
    deploy("ada", wasm(2))
    install("ada", wasm(1), "clock")
    install("ada", wasm(2), "clock", module_version="0.2.0")
    return browser_of("eve", Role.VIEWER)


def address(before: str = hash_of(wasm(1)), after: str | None = None) -> str:
    other = "" if after is None else f"{after}/"
    return f"/worlds/demo/artifacts/{before}/compare/{other}"


def compile_two(first: dict[str, str], second: dict[str, str]) -> tuple[str, str]:
    for files in (first, second):
        compile_source("ada", "clock", "a.wat", files)
    assert {*run_compiles()} == {"succeeded"}
    one, two = CompileJob.objects.order_by("pk").values_list("wasm_hash", flat=True)
    return str(one), str(two)


def test_artifacts_of_the_same_module_are_offered(viewer: Client) -> None:
    page = text_of(viewer.get(address()))

    assert f'href="{address(hash_of(wasm(2)), hash_of(wasm(1)))}"' in page
    assert "clock 0.2.0" in page


@pytest.mark.parametrize("spelling", ["{}", " 0x{} ", "sha256:{}"])
def test_the_other_is_named_by_any_spelling_of_its_hash(viewer: Client, spelling: str) -> None:
    named = spelling.format(hash_of(wasm(2)).upper())

    answer = viewer.get(address(), {"with": named})

    assert answer.headers["Location"] == address(after=hash_of(wasm(2)))
    assert viewer.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("named", "said"),
    [("beef", "64 hexadecimal digits"), ("0" * 64, "no artifact"), (SCRIPT, "A hash")],
)
def test_what_names_no_artifact_is_refused_and_kept(viewer: Client, named: str, said: str) -> None:
    answer = viewer.get(address(), {"with": named})

    assert answer.status_code == 400
    assert said in text_of(answer)
    assert "<script>" not in text_of(answer)
    assert answer.context["named"] == named[:80]


def test_an_artifact_of_another_world_is_as_unknown(viewer: Client) -> None:
    found_world("theirs")
    deploy("ada", wasm(3), world="theirs")
    theirs = hash_of(wasm(3))

    assert viewer.get(address(), {"with": theirs}).status_code == 400
    assert viewer.get(address(after=theirs)).status_code == 404
    assert viewer.get(address(before=theirs, after=hash_of(wasm(1)))).status_code == 404
    assert viewer.get(address(before=theirs)).status_code == 404


def test_the_page_tells_the_difference_of_uploads(viewer: Client) -> None:
    page = text_of(viewer.get(address(after=hash_of(wasm(2)))))

    assert "both were uploaded" in page
    assert "They are the same." in page


def test_an_artifact_compared_with_itself_says_so(viewer: Client) -> None:
    page = text_of(viewer.get(address(after=hash_of(wasm(1)))))

    assert "one artifact, compared with itself" in page


def test_a_line_that_changed_is_marked_for_eyes_and_ears() -> None:
    found_world()
    one, two = compile_two(
        {"a.wat": '(module (func (export "a")))'}, {"a.wat": '(module (func (export "b")))'}
    )

    page = text_of(browser_of("eve", Role.VIEWER).get(address(one, two)))

    assert "<del>(module (func (export &quot;a&quot;)))</del>" in page
    assert "<ins>(module (func (export &quot;b&quot;)))</ins>" in page


def test_a21_hostile_sources_and_names_are_text() -> None:
    found_world()
    one, two = compile_two(
        {"a.wat": f'(module (func (export "{SCRIPT}"))) ;; {SCRIPT}'},
        {"a.wat": f'(module (func (export "x{SCRIPT}"))) ;; y{SCRIPT}'},
    )

    assert_harmless(text_of(browser_of("eve", Role.VIEWER).get(address(one, two))))
