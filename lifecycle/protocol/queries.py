"""The arguments of the tools that only ask: one model each, and how a call of one is judged.

What they answer is not said here.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from lifecycle.core.values import Value
from lifecycle.protocol.arguments import fault_of
from lifecycle.protocol.malformed import MalformedError, Repairs
from lifecycle.protocol.names import (
    COMPILE_RESULT_TOOL_NAME,
    DECISION_ALIASES,
    DECISION_NAMES,
    GUIDE_TOOL_NAME,
    OBSERVATION_TOOL_NAME,
    STATUS_TOOL_NAME,
)
from lifecycle.protocol.shown import shown, shown_names

DEFAULT_LIMIT: Final = 32
LARGEST_LIMIT: Final = 256

# What is no integer gives the default, so nothing is refused here; see the status query.
_Limit = Annotated[Any, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT})]
_LONGEST_TEXT: Final = 200


def _check_text(text: str) -> str:
    """Refuse characters that no stored text has, and some databases do not even look for."""
    if not text.isprintable():
        facts = {"accepted": f"at most {_LONGEST_TEXT} printable characters"}
        raise PydanticCustomError("invalid_id", "no id", facts)
    return text


_Text = Annotated[str, Field(max_length=_LONGEST_TEXT), AfterValidator(_check_text)]
_DecisionName = Annotated[str, Field(json_schema_extra={"enum": list(DECISION_NAMES)})]


class QueryBase(BaseModel):
    """What the arguments of every query have in common."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class StatusArguments(QueryBase):
    """List this world's artifacts, installed modules and compiles, newest first, and its limits."""

    module_id: _Text | None = Field(
        default=None,
        description="Only what belongs to this module: artifacts meant for it or installed as it.",
        examples=["clock"],
    )
    limit_artifacts: _Limit = Field(
        default=None,
        description=f"How many artifacts to list. Left out, {DEFAULT_LIMIT}.",
        examples=[8],
    )
    limit_installed: _Limit = Field(
        default=None,
        description=f"How many installed modules to list. Left out, {DEFAULT_LIMIT}.",
        examples=[8],
    )
    cursor: _Text | None = Field(
        default=None, description="The next_cursor of the reply before, to go on from there."
    )


class ObservationArguments(QueryBase):
    """See the world as you stand in it: clock, place, others, what is yours, your last results."""


class GuideArguments(QueryBase):
    """Read the rules: limits, toolchains, WebAssembly features, and how refusals are avoided."""

    decision: _DecisionName | None = Field(
        default=None,
        description="Only what concerns this decision.",
        examples=["install_module_from_artifact"],
    )


class CompileResultArguments(QueryBase):
    """See how a compile stands, and what the compiler said: file, line, column, message."""

    decision_id: _Text | None = Field(
        default=None,
        description="The id of the compile's decision. Left out, your newest compile.",
    )


QueryArguments: TypeAlias = (
    StatusArguments | ObservationArguments | GuideArguments | CompileResultArguments
)

QUERY_MODELS: Final[Mapping[str, type[QueryArguments]]] = {
    STATUS_TOOL_NAME: StatusArguments,
    OBSERVATION_TOOL_NAME: ObservationArguments,
    GUIDE_TOOL_NAME: GuideArguments,
    COMPILE_RESULT_TOOL_NAME: CompileResultArguments,
}


class Query(Value):
    """A well-formed call of a tool that only asks.

    Attributes:
        tool_name: The one resolved name of the tool.
        arguments: Its arguments, judged.
        repairs: What was mended, as of a decision.
    """

    tool_name: str
    arguments: QueryArguments
    repairs: Repairs = msgspec.field(default=())


def judge_query(tool_name: str, arguments: Mapping[str, Any]) -> QueryArguments:
    """Give the arguments of a query; null and blank count as absent.

    Raises:
        MalformedError: there is an unknown field, or one of the wrong type.
    """
    model = QUERY_MODELS[tool_name]
    unknown = sorted(arguments.keys() - model.model_fields.keys())
    if unknown:
        facts = {
            "unknown": shown_names(unknown),
            "missing": [],
            "accepted": sorted(model.model_fields),
        }
        raise MalformedError("unknown_field", shown(unknown[0]), facts)
    trimmed = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in arguments.items()
        if value is not None
    }
    given = {name: value for name, value in trimmed.items() if value != ""}
    try:
        judged = model.model_validate(given)
    except ValidationError as error:
        raise fault_of(error.errors(include_url=False)[0]) from None
    if isinstance(judged, GuideArguments) and judged.decision is not None:
        return GuideArguments(decision=_decision_name(judged.decision))
    return judged


def _decision_name(spelling: str) -> str:
    name = DECISION_ALIASES.get(spelling)
    if name is None:
        facts = {"received": shown(spelling), "decisions": list(DECISION_NAMES)}
        raise MalformedError("unknown_decision", "decision", facts)
    return name
