"""Every setting that an operator can give, read from the environment once and checked.

Nothing else reads the environment. docs/reference.md lists these by the same names.
"""

import os
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE: Final = Path(__file__).resolve().parent.parent
_Megabyte: Final = 1024 * 1024
_PREFIX: Final = "WORLDSIM_"
# What only the tests read.
_TESTS: Final = "WORLDSIM_TEST_"

# A comma-separated text; NoDecode keeps pydantic-settings from reading it as JSON.
Names = Annotated[str, NoDecode]


class Environment(BaseSettings):
    """The operator's settings. An unknown or malformed value stops the start with its name."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    data: Path = Field(BASE / "var", description="Folder of everything the service stores.")
    host: str = Field("127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("PORT", "WORLDSIM_PORT"),
        description="Port that `serve` listens on.",
    )
    web_threads: int = Field(8, ge=1, le=256, description="Requests served at the same time.")
    streams: int = Field(
        1000, ge=1, le=100_000, description="Event streams that one web server holds open."
    )
    streams_of_caller: int = Field(
        100, ge=1, le=100_000, description="Event streams that one agent or account holds open."
    )
    debug: bool = Field(default=False, description="Django's debug pages. Never on a real machine.")
    secret_key: str = Field(
        "",
        repr=False,
        description="Signs sessions, tokens and queue entries; made and kept under "
        "WORLDSIM_DATA when absent.",
    )
    secret_key_fallbacks: Names = Field(
        "", repr=False, description="Earlier secret keys that still verify, separated by commas."
    )
    allowed_hosts: Names = Field(
        "localhost,127.0.0.1,[::1]", description="Host names served, separated by commas."
    )
    trusted_origins: Names = Field(
        "", description="Origins that may post forms, such as https://sim.example.org."
    )
    https: bool = Field(
        default=False, description="Served behind TLS: secure cookies, and HTTP sent to HTTPS."
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=16,
        description="Proxies of yours before the service; so many last entries of X-Forwarded-For "
        "are believed.",
    )
    login_attempts: int = Field(
        10,
        ge=0,
        description="Log-ins that may fail for one account in 15 minutes, from browsers that are "
        "new to it together, and from each that is not; so many wrong passwords too where it is to "
        "be changed; 0 for no limit.",
    )
    login_attempts_per_address: int = Field(
        100,
        ge=0,
        description="Log-ins that may fail from one address in 15 minutes, over all accounts; "
        "0 for no limit.",
    )
    code_attempts: int = Field(
        30,
        ge=0,
        description="Codes of invitations that may fail, and accounts tried to be made, from one "
        "address in 10 minutes; 0 for no limit.",
    )
    token_failures_per_minute: int = Field(
        120, ge=0, description="Invalid tokens from one address in a minute; 0 for no limit."
    )
    submits_per_minute: int = Field(
        1200, ge=0, description="Decisions of one agent in a minute, by its tokens; 0 for no limit."
    )
    account_submits_per_minute: int = Field(
        600, ge=0, description="Decisions of one account in a minute; 0 for no limit."
    )
    accounts_found_worlds: bool = Field(
        default=False, description="Every account may found worlds, not only who is permitted to."
    )
    worlds_of_account: int = Field(
        100, ge=0, description="Worlds that one account may found, superusers too; 0 for no limit."
    )
    database_url: str = Field(
        "",
        repr=False,
        validation_alias=AliasChoices("DATABASE_URL", "WORLDSIM_DATABASE_URL"),
        description="postgres://… for PostgreSQL; SQLite under WORLDSIM_DATA when absent.",
    )
    sqlite_synchronous: Literal["FULL", "EXTRA", "NORMAL"] = Field(
        "FULL",
        description="SQLite's durability; NORMAL can lose answered decisions at a power cut.",
    )
    redis_url: str = Field(
        "",
        repr=False,
        validation_alias=AliasChoices("REDIS_URL", "WORLDSIM_REDIS_URL"),
        description="redis://… for the queue; the database carries it when absent.",
    )
    workers: int = Field(2, ge=1, le=64, description="Compiles that one worker runs at once.")
    queue_poll_seconds: float = Field(
        0.05, gt=0, le=5, description="How often the database queue is asked for work."
    )
    lease_seconds: int = Field(
        15, ge=3, le=600, description="How long a silent worker keeps a compile job."
    )
    stall_seconds: int = Field(
        60,
        ge=3,
        le=3600,
        description="How long a compile may wait while none runs, before the queue counts as "
        "stalled and the worker starts anew.",
    )
    compile_attempts: int = Field(
        3, ge=1, le=10, description="Workers that may be lost over one compile before it fails."
    )
    compile_timeout_seconds: int = Field(120, ge=1, le=3600, description="Wall clock of a compile.")
    compile_memory_bytes: int = Field(
        2048 * _Megabyte,
        ge=256 * _Megabyte,
        description="Memory of a compile's processes together.",
    )
    source_compiler: str = Field(
        "",
        description="Program for manifests that no built-in toolchain takes, started as "
        "CMD MODULE_ID WORKSPACE MANIFEST OUT.",
    )
    rust: str = Field("", description="Folder whose bin/ holds cargo and rustc, tried first.")
    allow_unsandboxed: bool = Field(
        default=False, description="Compile without bubblewrap. For trusted authors only."
    )
    max_wait_ticks: int = Field(1_000_000, ge=1, description="Ticks that one wait may take.")
    max_source_files: int = Field(128, ge=1, description="Files in a source package.")
    max_source_file_bytes: int = Field(512 * 1024, ge=1, description="Bytes of one source file.")
    max_source_bytes: int = Field(4 * _Megabyte, ge=1, description="Bytes of a source package.")
    max_wasm_bytes: int = Field(8 * _Megabyte, ge=1, description="Bytes of a module.")
    max_pending_compiles: int = Field(16, ge=1, description="Unfinished compiles of one agent.")
    max_body_bytes: int = Field(32 * _Megabyte, ge=1024, description="Bytes of a request's body.")
    model_api_key: str = Field(
        "",
        repr=False,
        validation_alias=AliasChoices("OPENAI_API_KEY", "WORLDSIM_MODEL_API_KEY"),
        description="Key that is sent to the models that agents' turns ask.",
    )
    models: Names = Field(
        "",
        description="Models that the notebook may choose from, NAME=BASE_URL, separated by commas.",
    )
    agent_workers: int = Field(
        2, ge=1, le=64, description="Turns of agents that one worker takes at once."
    )
    turn_seconds: int = Field(180, ge=1, le=3600, description="Wall clock of an agent's turn.")
    turn_steps: int = Field(4, ge=1, le=32, description="Calls of the model in one turn.")
    turn_queries: int = Field(3, ge=0, le=32, description="Queries answered in one turn.")
    turn_repairs: int = Field(
        1, ge=0, le=8, description="Answers that hold no decision and are sent back in one turn."
    )
    turn_answer_tokens: int = Field(
        8192, ge=16, le=1_000_000, description="Tokens that one answer of a model may have."
    )
    turn_tokens: int = Field(
        200_000, ge=256, description="Tokens of a turn, asked and answered, before it is ended."
    )
    prompt_tokens: int = Field(
        16_000, ge=512, le=1_000_000, description="Tokens, estimated, that a prompt may have."
    )
    checkpoint_key_file: Path | None = Field(
        None,
        description="PEM file of the Ed25519 key that signs checkpoints; made and kept under "
        "WORLDSIM_DATA when absent.",
    )
    checkpoint_hours: int = Field(
        24,
        ge=0,
        le=8760,
        description="How old the last checkpoint of a world that goes on may become before the "
        "worker signs another; 0: none by itself.",
    )


def names_in(text: str) -> list[str]:
    """Split a comma-separated setting; blanks fall out."""
    return [name.strip() for name in text.split(",") if name.strip()]


class SettingsError(Exception):
    """The environment does not make settings; the sentence names each variable at fault."""


def read_environment() -> Environment:
    """Read the settings.

    Raises:
        SettingsError: a variable is unknown or malformed.
    """
    unknown = [name for name in sorted(os.environ) if _is_unknown(name)]
    if unknown:
        raise SettingsError(f"There is no setting {', '.join(unknown)}; docs/reference.md has all.")
    try:
        return Environment()
    except ValidationError as error:
        faults = [f"{_variable_of(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError(f"The settings cannot be read. {'; '.join(faults)}.") from error


def _is_unknown(variable: str) -> bool:
    if not variable.startswith(_PREFIX) or variable.startswith(_TESTS):
        return False
    return variable.removeprefix(_PREFIX).lower() not in Environment.model_fields


def _variable_of(location: tuple[int | str, ...]) -> str:
    name = str(location[0]).upper() if location else ""
    return name if name in os.environ else f"{_PREFIX}{name}"
