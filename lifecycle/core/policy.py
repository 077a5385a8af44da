"""What an operator lets a world do: the limits that `decide` applies. `evolve` knows none of it."""

from collections.abc import Mapping

from lifecycle.core.values import Value


class Policy(Value):
    """The limits of one decision. Tightening them never makes an old journal unreadable.

    `unavailable_toolchains` maps a toolchain's name to the command that installs it.
    """

    max_wait_ticks: int = 1_000_000
    max_source_files: int = 128
    max_source_file_bytes: int = 512 * 1024
    max_source_bytes: int = 4 * 1024 * 1024
    # Of all manifests together, and of a dotted key in them: no setting, since the reader of TOML
    # takes time and memory by the square of a key's parts. Real packages are far below both.
    max_cargo_manifest_bytes: int = 64 * 1024
    max_cargo_key_parts: int = 16
    max_wasm_bytes: int = 8 * 1024 * 1024
    max_pending_compiles: int = 16
    compile_timeout_seconds: int = 120
    operator_command: bool = False
    unavailable_toolchains: Mapping[str, str] = {}
