"""The OpenAPI document: valid, complete, of one source with the parser; its pages are whole."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from lifecycle.protocol.schema import decision_json_schema
from tests.api.speaking import openapi


def test_the_document_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    target = tmp_path / "schema.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(target))

    assert target.read_text(encoding="utf-8").startswith("openapi: 3.1")


def test_a_decisions_body_is_described_by_the_parsers_schema() -> None:
    operation = openapi()["paths"]["/api/v1/worlds/{world}/decisions/"]["post"]
    described = operation["requestBody"]["content"]["application/json"]["schema"]
    source = decision_json_schema()

    assert described["discriminator"] == source["discriminator"]
    for ours, theirs in zip(described["oneOf"], source["oneOf"], strict=True):
        assert ours["properties"].pop("agent_id")
        assert ours == theirs
        ours["properties"]["agent_id"] = {}


def test_every_operation_tells_how_to_log_in_and_what_can_go_wrong() -> None:
    for path, operations in openapi()["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["security"] == [{"agentToken": []}, {"accountSession": []}], where
            assert {"401", "500", "503"} <= operation["responses"].keys(), where
            assert operation["description"], where


def test_both_ways_to_log_in_are_described() -> None:
    schemes = openapi()["components"]["securitySchemes"]

    assert schemes["agentToken"]["scheme"] == "bearer"
    assert schemes["accountSession"]["in"] == "cookie"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/api/docs/", "/api/redoc/"])
def test_the_pages_take_every_file_from_this_site(page: str) -> None:
    response = Client().get(page)
    text = response.content.decode()

    assert response.status_code == 200
    assert "openapi" in Client().get("/api/schema/").content.decode()[:20]
    for address in re.findall(r'(?:src|href)="([^"]*)"', text):
        assert address.startswith("/"), address
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_documents_scripts_exist_here() -> None:
    for page in ("/api/docs/", "/api/redoc/"):
        text = Client().get(page).content.decode()
        scripts = re.findall(r'<script src="([^"]*)"', text)
        assert scripts
        for script in scripts:
            response = Client().get(script.replace("&amp;", "&"))
            response.close()
            assert response.status_code == 200, script
