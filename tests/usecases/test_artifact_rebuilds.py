"""Rebuilds of artifacts: asked for once, run by a worker, kept, and never an event."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.conf import settings

from lifecycle.access.callers import get_any_world
from lifecycle.core.source_package import SourcePackage
from lifecycle.journal.store import get_head
from lifecycle.models.content import ModuleInspection
from lifecycle.models.jobs import CompileJob, Rebuild, RebuildState
from lifecycle.tasks.rebuild import rebuild_artifact
from lifecycle.toolchains.config import ToolchainConfig
from lifecycle.toolchains.results import Compiled, CompileFailed, CompileResult
from lifecycle.usecases import queue, rebuilds, recompile
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.errors import NotFoundError, TooManyRebuildsError
from lifecycle.usecases.queries.rebuilds import RebuildRow, rebuilds_of
from lifecycle.usecases.rebuilds import MOST_UNFINISHED, reap_rebuilds, request_rebuild, run_rebuild
from tests.journal.tampering import tamper
from tests.service import deploy, found_world, hash_of, wasm
from tests.usecases.compiling import LONG_AGO
from tests.usecases.histories import compile_wat

pytestmark = pytest.mark.django_db

Sent = list[tuple[str, int]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Note what goes to the queue."""
    noted: Sent = []
    monkeypatch.setattr(queue, "_send", lambda task, pk, _cluster: noted.append((task, pk)))
    return noted


@pytest.fixture
def artifact() -> str:
    """Give the hash of an artifact that was compiled here."""
    found_world()
    assert compile_wat("ada") == "succeeded"
    return ModuleInspection.objects.get().wasm_hash


def ask(wasm_hash: str) -> int:
    return request_rebuild(get_any_world("demo"), wasm_hash, "eve")


def shown(wasm_hash: str) -> RebuildRow:
    [row] = rebuilds_of(get_any_world("demo"), wasm_hash)
    return row


def compiler_that_gives(result: CompileResult) -> Callable[..., CompileResult]:
    def compile_package(
        _config: ToolchainConfig, _name: str, _package: SourcePackage, _module: str, **_: object
    ) -> CompileResult:
        return result

    return compile_package


def other_bytes(digest: str) -> Compiled:
    return Compiled(wasm(9), "wat", "99", digest, (), (), 3)


def test_the_same_sources_give_the_same_bytes_and_the_result_is_kept(artifact: str) -> None:
    head = get_head("demo")

    assert rebuild_artifact(ask(artifact)) == "same"

    row = shown(artifact)
    assert (row.outcome, row.rebuilt_hash, row.account) == ("same", artifact, "eve")
    assert not row.toolchain_changed
    assert row.is_finished
    assert get_head("demo") == head


def test_another_toolchain_that_gives_other_bytes_is_told_of(
    artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompile, "compile_package", compiler_that_gives(other_bytes("f" * 64)))

    assert run_rebuild(ask(artifact)) == "different"

    row = shown(artifact)
    assert (row.rebuilt_hash, row.toolchain_version) == (hash_of(wasm(9)), "99")
    assert row.toolchain_changed


def test_sources_that_no_longer_compile_are_told_of_in_words(
    artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = CompileFailed("toolchain_unavailable", {"toolchain": "wat"}, (), 0)
    monkeypatch.setattr(recompile, "compile_package", compiler_that_gives(gone))

    assert run_rebuild(ask(artifact)) == "failed"

    failure = shown(artifact).failure
    assert failure is not None
    assert failure["code"] == "toolchain_unavailable"
    assert "wat" in failure["message"]


def test_altered_sources_fail_the_rebuild_and_not_the_worker(artifact: str) -> None:
    digest = CompileJob.objects.get().source_digest
    tamper("UPDATE lifecycle_content SET compressed = %s WHERE digest = %s", [b"x", digest])

    assert run_rebuild(ask(artifact)) == "failed"
    assert shown(artifact).failure is not None


def test_uploaded_bytes_have_no_sources() -> None:
    found_world()
    deploy("ada", wasm())

    assert run_rebuild(ask(hash_of(wasm()))) == "no_sources"


def test_an_artifact_that_is_not_there_is_not_rebuilt() -> None:
    found_world()

    with pytest.raises(NotFoundError):
        ask("0" * 64)


def test_asking_twice_asks_once_until_it_has_ended(artifact: str) -> None:
    first = ask(artifact)

    assert ask(artifact) == first
    run_rebuild(first)
    assert ask(artifact) != first


def test_a_world_has_so_many_unfinished_rebuilds_and_no_more(artifact: str) -> None:
    world_pk, now = get_head("demo").world_pk, utc_now()
    Rebuild.objects.bulk_create(
        Rebuild(
            world_id=world_pk,
            wasm_hash=f"{number:064x}",
            account="eve",
            requested_at=now,
            enqueued_at=now,
        )
        for number in range(MOST_UNFINISHED)
    )

    with pytest.raises(TooManyRebuildsError) as caught:
        ask(artifact)

    assert caught.value.facts == {"maximum": MOST_UNFINISHED}


def test_it_goes_to_the_queue_once_it_is_committed(
    artifact: str,
    sent: Sent,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        pk = ask(artifact)
        assert sent == []

    assert sent == [("lifecycle.tasks.rebuild.rebuild_artifact", pk)]


def test_q07_delivered_again_it_does_nothing(artifact: str) -> None:
    pk = ask(artifact)
    run_rebuild(pk)

    assert run_rebuild(pk) == "not_claimed"


def test_q15_a_worker_that_lost_its_lease_writes_nothing(
    artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = ask(artifact)

    def lose_the_lease(*_: object, **__: object) -> CompileResult:
        Rebuild.objects.update(lease_token="another")
        return other_bytes("f" * 64)

    monkeypatch.setattr(recompile, "compile_package", lose_the_lease)

    assert run_rebuild(pk) == "discarded"
    assert shown(artifact).outcome is None


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(("stopping", "attempts"), [(True, 0), (False, 1)])
def test_a_worker_that_is_told_to_stop_gives_it_back_and_else_the_attempt_counts(
    artifact: str, monkeypatch: pytest.MonkeyPatch, attempts: int, *, stopping: bool
) -> None:
    monkeypatch.setattr(queue, "_stopping", b"\1" if stopping else b"\0")
    cancelled = CompileFailed("compile_cancelled", {}, (), 0)
    monkeypatch.setattr(recompile, "compile_package", compiler_that_gives(cancelled))
    pk = ask(artifact)

    assert run_rebuild(pk) == "given_back"

    rebuild = Rebuild.objects.get(pk=pk)
    assert (rebuild.state, rebuild.attempts) == (RebuildState.QUEUED, attempts)


def test_the_lease_is_renewed_while_it_compiles(
    artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bool] = []

    def tick(*_: object, on_progress: Callable[[str], bool], **__: object) -> CompileResult:
        Rebuild.objects.update(lease_expires_at=utc_now() - LONG_AGO)
        kept.append(on_progress(""))
        kept.append(Rebuild.objects.filter(lease_expires_at__gt=utc_now()).exists())
        return other_bytes("f" * 64)

    monkeypatch.setattr(recompile, "compile_package", tick)
    run_rebuild(ask(artifact))

    assert kept == [True, True]


def test_what_a_lost_worker_held_is_handed_out_and_given_up_in_the_end(artifact: str) -> None:
    pk = ask(artifact)
    stale = utc_now() - LONG_AGO
    for attempt in range(1, settings.ENVIRONMENT.compile_attempts + 1):
        assert rebuilds._claim(pk) is not None  # noqa: SLF001 - a worker that dies after this
        assert Rebuild.objects.get(pk=pk).attempts == attempt
        assert reap_rebuilds() == 0
        Rebuild.objects.update(lease_expires_at=stale, enqueued_at=stale)
        assert reap_rebuilds() == 1

    assert run_rebuild(pk) == "failed"
    failure = shown(artifact).failure
    assert failure is not None
    assert failure["code"] == "compile_worker_lost"


def test_what_the_queue_forgot_is_handed_out_again(artifact: str) -> None:
    ask(artifact)
    assert reap_rebuilds() == 0

    Rebuild.objects.update(enqueued_at=utc_now() - LONG_AGO)

    assert reap_rebuilds() == 1
    assert reap_rebuilds() == 0
