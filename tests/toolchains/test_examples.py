"""The examples compile, are acceptable modules, and compute what they say."""

import zlib
from functools import partial

import pytest
import wasmtime

from lifecycle.wasm.inspect import Inspection, inspect_module
from lifecycle.wasm.policy import WasmPolicy
from tests.toolchains.building import Bench, example


class Running:
    """A module that runs."""

    def __init__(self, wasm: bytes) -> None:
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        self.exports = wasmtime.Instance(self.store, wasmtime.Module(engine, wasm), []).exports(
            self.store
        )

    def call(self, name: str, *arguments: int) -> int:
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        result = function(self.store, *arguments)
        assert isinstance(result, int)
        return result

    def write(self, data: bytes, at: int) -> None:
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        memory.write(self.store, data, at)


def run_example(bench: Bench, name: str, folder: str, manifest: str) -> Running:
    wasm = bench.made(name, manifest, example(folder)).wasm
    inspection = inspect_module(wasm, WasmPolicy())
    assert isinstance(inspection, Inspection), inspection
    assert inspection.imports == ()
    return Running(wasm)


def test_wat_checksum_agrees_with_zlib(bench: Bench) -> None:
    running = run_example(bench, "wat", "wat/checksum", "checksum.wat")
    for data in (b"", b"123456789", bytes(range(256)) * 8):
        running.write(data, 64)

        assert running.call("crc32", 64, len(data)) & 0xFFFFFFFF == zlib.crc32(data)


def test_zig_pathfinder_finds_the_cheapest_way(bench: Bench) -> None:
    running = run_example(bench, "zig", "zig/pathfinder", "pathfinder.zig")
    rows = ["1191", "0191", "0111", "1001"]
    running.write(bytes(int(cell) for row in rows for cell in row), running.call("cells"))
    shortest = partial(running.call, "shortest", 4, 4)

    assert shortest(0, 15) == 1 + 1 + 1 + 1 + 1 + 1
    assert shortest(15, 15) == 0
    assert shortest(0, 12) == -1
    assert shortest(0, 99) == -1


def test_c_market_matches_orders_at_the_waiting_price(bench: Bench) -> None:
    running = run_example(bench, "c", "c/market", "market.c")

    assert running.call("sell", 105, 10) == 0
    assert running.call("sell", 101, 5) == 0
    assert running.call("buy", 103, 8) == 5
    assert running.call("best_bid") == 103
    assert running.call("best_ask") == 105
    assert running.call("buy", 110, 4) == 4
    assert running.call("total_turnover") == 5 * 101 + 4 * 105


@pytest.mark.needs_rust
def test_rust_ledger_applies_all_lines_or_none(bench: Bench) -> None:
    running = run_example(bench, "rust", "rust/ledger", "Cargo.toml")

    def give(text: str) -> None:
        running.write(text.encode(), running.call("buffer", len(text)))

    give("bank ada 100\nada bob 30\n")
    assert running.call("apply") == 0
    give("ada bob 10\nbob eve 99\n")
    assert running.call("apply") == 2
    for name, held in (("ada", 70), ("bob", 30), ("eve", 0), ("bank", -100)):
        give(name)
        assert running.call("balance") == held
