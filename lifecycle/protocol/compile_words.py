"""The words of compiles that end without an artifact. Forms as in `rule_words`."""

from collections.abc import Mapping
from typing import Final

COMPILE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "compile_failed": (
        "The compiler refused the sources.",
        (
            "Read the diagnostics: file, line, column and text; mend source_files and send the "
            "decision again."
        ),
    ),
    "compile_timeout": (
        "The compile was stopped because it took longer than it may[[, which is {limit_ms} ms]].",
        "Look for code that is evaluated while compiling and does not end, or send less code.",
    ),
    "compile_memory_exceeded": (
        (
            "The compile was stopped because it needed more memory than it may use"
            "[[, which is {limit_bytes} bytes]]."
        ),
        "Look for files that include themselves, endless recursion or huge constants.",
    ),
    "compile_process_limit_exceeded": (
        (
            "The compile was stopped because it started more processes than it may"
            "[[, which is {limit}]]."
        ),
        "Leave out what starts programs during the build.",
    ),
    "compile_output_exceeded": (
        (
            "The compile was stopped because it wrote more than it may"
            "[[: {resource:plain}, at most {limit}]]."
        ),
        "Make the module smaller: fewer and smaller constants, no debug information.",
    ),
    "compile_output_missing": (
        "The compiler ended well but left no module.",
        "Make sure that the package builds a WebAssembly library[[: {hint:plain}]].",
    ),
    "compile_crashed": (
        "The compiler crashed on the sources.",
        "Simplify the code near what the diagnostics name, above all very large or unusual files.",
    ),
    "compile_cancelled": (
        "The compile was cancelled before it ended.",
        "Send the decision again if you still want the module.",
    ),
    "compile_worker_lost": (
        "The compile was given up because its worker was lost too many times.",
        "Send the decision again; if it happens again, simplify the sources or tell the operator.",
    ),
    "toolchain_unavailable": (
        "The toolchain {toolchain} that manifest_path asks for is not installed here.",
        (
            "Use a toolchain that is here, as module_lifecycle_status lists them, or ask the "
            "operator to install it[[: {install_hint:plain}]]"
        ),
    ),
    "sandbox_unavailable": (
        "Nothing can be compiled here, because the sandbox for compilers does not work.",
        "Ask the operator to install bubblewrap; nothing is wrong with the decision.",
    ),
}
