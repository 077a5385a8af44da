"""No address of the admin changes what is audited, whoever asks (A01, A03, Q11)."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model, ProtectedError
from django.test import Client, RequestFactory

from lifecycle.access.roles import grant
from lifecycle.models.projections import Artifact
from lifecycle.models.worlds import Membership, Role, World
from tests.admin.auditing import admin_addresses, auditor, fill_world, rows_of, superuser
from tests.service import found_world

pytestmark = pytest.mark.django_db

# What an auditor may ask for adds rows to these, and changes none that is there.
ADDED_TO_HERE = {"CheckJob", "CheckResult", "Checkpoint", "CheckpointKey"}
AUDITED = [
    model
    for model in apps.get_app_config("lifecycle").get_models()
    if admin.site.is_registered(model)
]
ADDED_TO = {model._meta.db_table for model in AUDITED if model.__name__ in ADDED_TO_HERE}
GUARDED = [model._meta.db_table for model in apps.get_app_config("lifecycle").get_models()]


def test_what_an_auditor_needs_has_a_page() -> None:
    assert {model.__name__ for model in AUDITED} == {
        "AgentRun",
        "AgentToken",
        "AgentTurn",
        "Artifact",
        "CheckJob",
        "CheckResult",
        "Checkpoint",
        "CheckpointKey",
        "CompileJob",
        "Content",
        "Decision",
        "Install",
        "InstalledModule",
        "Invitation",
        "JournalEvent",
        "Membership",
        "ModuleInspection",
        "Publication",
        "Rebuild",
        "ToolchainReport",
        "World",
        "WorldChange",
    }


FORM = {
    "action": "delete_selected",
    "_selected_action": ["1", "2"],
    "post": "yes",
    "confirm": "yes",
    "_save": "Save",
    "kind": "Forged",
    "hash": "0" * 64,
    "body": "{}",
    "slug": "forged",
    "seq": "1",
    "from": "1",
}


def somebody(who: str) -> Client:
    """Give a browser of a superuser, of a member with a role, of a stranger, or of nobody."""
    if who == "superuser":
        return superuser()
    if who == "nobody":
        return Client()
    role = None if who == "stranger" else Role(who)
    client, _ = auditor("eve") if role is None else auditor("eve", "demo", role=role)
    return client


def send_everywhere(client: Client, method: str) -> None:
    """Send a form to every address of the admin; one of them logs out."""
    accounts = list(User.objects.filter(username__in=["root", "eve"]))
    addresses = admin_addresses("1")
    assert len(addresses) > 100
    for address in addresses:
        if method == "POST":
            client.post(address, FORM)
        else:
            client.generic(method, address)
        for account in accounts:
            client.force_login(account)


def guarded_rows() -> dict[str, list[tuple[object, ...]]]:
    """Give all that is audited."""
    return {table: rows_of(table) for table in GUARDED}


@pytest.mark.parametrize("who", ["superuser", "auditor"])
def test_a01_who_may_audit_adds_checks_and_checkpoints_and_changes_nothing(who: str) -> None:
    fill_world()
    client = somebody(who)
    before = guarded_rows()

    send_everywhere(client, "POST")

    now = guarded_rows()
    assert {table: now[table] for table in now.keys() - ADDED_TO} == {
        table: before[table] for table in before.keys() - ADDED_TO
    }
    assert all(set(before[table]) <= set(now[table]) for table in ADDED_TO)
    assert all(before[model._meta.db_table] for model in AUDITED if model is not Membership)


@pytest.mark.parametrize("who", ["operator", "stranger", "nobody"])
def test_a01_who_may_not_audit_changes_nothing_and_asks_for_nothing(who: str) -> None:
    fill_world()
    client = somebody(who)
    before = guarded_rows()

    send_everywhere(client, "POST")

    assert guarded_rows() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a01_no_other_method_changes_anything(method: str) -> None:
    fill_world()
    client = superuser()
    before = guarded_rows()

    send_everywhere(client, method)

    assert guarded_rows() == before


@pytest.mark.parametrize("model", AUDITED, ids=lambda model: model.__name__)
def test_a01_a_superuser_may_view_and_no_more(model: type[Model]) -> None:
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    page = admin.site.get_model_admin(model)

    allowed = page.get_model_perms(request)

    assert allowed == {"add": False, "change": False, "delete": False, "view": True}
    assert page.get_actions(request) == {}


@pytest.mark.parametrize("model", AUDITED, ids=lambda model: model.__name__)
def test_each_list_and_each_row_can_be_opened(model: type[Model]) -> None:
    fill_world()
    client = superuser()
    grant(World.objects.get(), User.objects.get(username="root"), Role.AUDITOR)
    row = model._default_manager.first()
    assert row is not None
    address = f"/admin/lifecycle/{model._meta.model_name}/"

    listed = client.get(address)
    opened = client.get(f"{address}{row.pk}/change/")

    assert (listed.status_code, opened.status_code) == (200, 200)
    assert b'name="_save"' not in opened.content


def test_q11_the_queue_has_no_page() -> None:
    queue = apps.get_app_config("django_q").get_models()

    assert [model for model in queue if admin.site.is_registered(model)] == []
    assert not [address for address in admin_addresses("1") if "django_q" in address]


def test_a03_neither_an_account_nor_a_world_takes_anything_with_it() -> None:
    fill_world()
    world = World.objects.get()
    account = User.objects.create_user("eve")
    grant(world, account, Role.VIEWER)

    for doomed in (account, world):
        with pytest.raises(ProtectedError):
            doomed.delete()

    assert Artifact.objects.count() == 2


def test_a03_no_account_is_deleted_by_a_page() -> None:
    client = superuser()
    account = User.objects.create_user("eve")

    answer = client.post(f"/admin/auth/user/{account.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert User.objects.filter(username="eve").exists()


def test_an_account_keeps_the_name_that_decisions_tell() -> None:
    client = superuser()
    account = User.objects.create_user("eve")
    form = {"username": "mallory", "first_name": "Eve", "is_active": "on", "_save": "Save"}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}

    client.post(f"/admin/auth/user/{account.pk}/change/", form)

    account.refresh_from_db()
    assert (account.username, account.first_name) == ("eve", "Eve")


@pytest.mark.parametrize("name", ["fi\u043ena", "EVE", "a b", "x" * 65])
def test_a21_a_new_account_is_not_named_like_another(name: str) -> None:
    client = superuser()
    User.objects.create_user("eve")
    word = "a long pass phrase"
    form = {"username": name, "usable_password": "true", "password1": word, "password2": word}

    refused = client.post("/admin/auth/user/add/", form)
    made = client.post("/admin/auth/user/add/", {**form, "username": "zoe"})

    assert (refused.status_code, made.status_code) == (200, 302)
    assert set(User.objects.values_list("username", flat=True)) == {"root", "eve", "zoe"}


def test_a_membership_is_changed_on_the_page_of_the_team_and_leads_there() -> None:
    fill_world()
    given = membership()
    client = superuser()
    account = User.objects.create_user("eve")
    form = {"account": account.pk, "world": given.world.pk, "role": "viewer", "post": "yes"}
    address = "/admin/lifecycle/membership"

    refused = [
        client.post(f"{address}/add/", form).status_code,
        client.post(f"{address}/{given.pk}/change/", form).status_code,
        client.post(f"{address}/{given.pk}/delete/", form).status_code,
    ]

    assert refused == [403, 403, 403]
    assert [(row.pk, row.role) for row in Membership.objects.all()] == [(given.pk, given.role)]
    for shown in (f"{address}/", f"{address}/{given.pk}/change/"):
        assert b'href="/worlds/demo/team/"' in client.get(shown).content
    assert client.get("/worlds/demo/team/").status_code == 200


def membership() -> Membership:
    """Give a maintainer of the world "demo"."""
    account = User.objects.create_user("maya")
    grant(World.objects.get(), account, Role.MAINTAINER)
    return Membership.objects.get(account=account)


def test_long_searches_are_answered() -> None:
    found_world()
    client = superuser()

    for table in ("journalevent", "artifact", "membership"):
        answer = client.get(f"/admin/lifecycle/{table}/", {"q": "a " * 2000})
        assert answer.status_code == 200
