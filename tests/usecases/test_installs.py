"""Every install is a row: found by artifact and by module, checked, and derived again."""

from importlib import import_module

import pytest
from django.apps import apps

from lifecycle.access.callers import get_any_world
from lifecycle.models.projections import Install
from lifecycle.usecases.queries.artifacts import find_artifact_in_full
from lifecycle.usecases.queries.installs import installs_of_artifact
from lifecycle.usecases.queries.relatives import relatives_of
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.service import deploy, found_world, hash_of, install, wasm
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db


def two_versions() -> None:
    found_world()
    deploy("ada", wasm(1), module_id="clock")
    deploy("ada", wasm(2))
    install("ada", wasm(1), "clock")
    install("ada", wasm(2), "clock", module_version="0.2.0")
    install("ada", wasm(1), "lamp", activate=False)


def test_an_artifact_knows_where_it_is_installed_and_was() -> None:
    two_versions()

    rows = installs_of_artifact(get_any_world("demo"), hash_of(wasm(1)), limit=10).rows

    assert [(row.module_id, row.in_force, row.active) for row in rows] == [
        ("lamp", True, False),
        ("clock", False, True),
    ]


def test_artifacts_of_the_same_module_are_relatives() -> None:
    two_versions()
    deploy("bob", wasm(3), module_id="lamp")
    deploy("bob", wasm(4), module_id="radio")
    world = get_any_world("demo")
    found = find_artifact_in_full(world, hash_of(wasm(1)))
    assert found is not None

    relatives = relatives_of(world, found.artifact)

    assert [(one.wasm_hash, one.module_id, one.module_version) for one in relatives] == [
        (hash_of(wasm(3)), "lamp", None),
        (hash_of(wasm(2)), "clock", "0.2.0"),
    ]


@pytest.mark.parametrize(
    "change", [{"module_id": "radio"}, {"wasm_hash": "0" * 64}, {"active": False}, {"tick": 99}]
)
def test_e15_an_altered_install_is_found_and_derived_again(change: dict[str, object]) -> None:
    varied_world()
    before = list(Install.objects.order_by("seq").values_list("seq", "module_id", "active"))
    Install.objects.filter(seq=11).update(**change)

    assert verify_world("demo").projections_differ == ("places",)
    assert rebuild_world("demo").ok
    after = list(Install.objects.order_by("seq").values_list("seq", "module_id", "active"))
    assert after == before


def test_the_migration_writes_the_installs_of_the_journals_that_are_there() -> None:
    varied_world()
    found_world("other")
    deploy("ada", wasm(), world="other")
    install("ada", wasm(), "clock", world="other")
    columns = [field.attname for field in Install._meta.fields if field.attname != "id"]
    before = sorted(Install.objects.values_list(*columns))
    Install.objects.all().delete()
    migration = import_module("lifecycle.migrations.0007_installs_and_rebuilds")

    migration.project_installs(apps, None)

    assert sorted(Install.objects.values_list(*columns)) == before
    assert verify_world("other").ok
