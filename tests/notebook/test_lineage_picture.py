"""The lineage page: a picture whose nodes are links, and the same as a nested list."""

from xml.etree import ElementTree as ET

import pytest

from lifecycle.models.worlds import Role
from tests.notebook.people import browser_of, text_of
from tests.notebook.test_hostile_text import SCRIPT
from tests.service import deploy, found_world, hash_of, install, wasm
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db

ADDRESS = "/worlds/demo/lineage/"


def picture_of(markup: str) -> ET.Element:
    """Read the picture as the XML that it is."""
    start, end = markup.index("<svg"), markup.index("</svg>") + len("</svg>")
    return ET.fromstring(markup[start:end])  # noqa: S314 - our own page


def test_every_node_is_a_link_with_a_title_and_stands_in_the_list_too() -> None:
    varied_world()
    client = browser_of("eve", Role.VIEWER)

    answer = client.get(ADDRESS, {"around": hash_of(wasm())})

    links = picture_of(text_of(answer)).findall("a")
    assert len(links) == len(answer.context["lineage"].nodes) == 7
    for link in links:
        assert link.findtext("title")
        assert client.get(ADDRESS + link.attrib["href"]).status_code == 200
    listed = text_of(answer).partition('class="lineage-list"')[2]
    for node in answer.context["lineage"].nodes:
        assert node.title in listed


def test_boxes_do_not_overlap_and_edges_run_from_left_to_right() -> None:
    varied_world()
    picture = picture_of(text_of(browser_of("eve", Role.VIEWER).get(f"{ADDRESS}?around=clock")))

    places = [(rect.attrib["x"], rect.attrib["y"]) for rect in picture.iter("rect")]
    assert len(set(places)) == len(places)
    for path in picture.iter("path"):
        start, end = path.attrib["d"].lstrip("M").split("C")
        assert int(start.split()[0]) < int(end.split()[-2])


def test_the_picture_carries_no_style_of_its_own() -> None:
    varied_world()

    markup = text_of(browser_of("eve", Role.VIEWER).get(ADDRESS))

    assert "style=" not in markup


def test_an_empty_world_and_an_unknown_name_are_told_of() -> None:
    found_world()
    client = browser_of("eve", Role.VIEWER)

    empty, unknown = client.get(ADDRESS), client.get(ADDRESS, {"around": SCRIPT})

    assert empty.status_code == 200
    assert "Nothing was published here yet" in text_of(empty)
    assert unknown.status_code == 404
    assert "&lt;script&gt;" in text_of(unknown)
    assert "<script>" not in text_of(unknown)


@pytest.mark.parametrize(("field", "text"), [("depth", "99"), ("depth", "x"), ("fan", "-1")])
def test_steps_that_are_not_offered_are_the_default(field: str, text: str) -> None:
    varied_world()
    client = browser_of("eve", Role.VIEWER)

    assert client.get(ADDRESS, {field: text}).context["depth"] == 4
    assert client.get(ADDRESS, {field: text}).context["fan"] == 6


def test_what_is_not_shown_can_be_opened() -> None:
    found_world()
    for number in range(5):
        deploy("ada", wasm(number))
        install("ada", wasm(number), "clock")

    client = browser_of("eve", Role.VIEWER)
    page = text_of(client.get(ADDRESS, {"around": "module:clock", "fan": "3"}))

    assert "2 not shown" in page
    opened = client.get(f"{ADDRESS}?around=module%3Aclock&depth=4&fan=24")
    assert len(opened.context["lineage"].nodes) == 16
    assert "not shown" not in text_of(opened)


def test_an_artifact_leads_to_its_lineage() -> None:
    found_world()
    deploy("ada", wasm())
    client = browser_of("eve", Role.VIEWER)

    page = text_of(client.get(f"/worlds/demo/artifacts/{hash_of(wasm())}/"))

    assert f'href="{ADDRESS}?around=artifact:{hash_of(wasm())}"' in page
