"""How the readers of this room refuse bytes: one error that carries a verdict.

It never leaves the room: ``inspect_module`` turns it into an ``InvalidModule``.
Reading bytes must not be put here.
"""

from typing import Final

from lifecycle.wasm.policy import turn_off_flags
from lifecycle.wasm.report import Facts, InvalidModule, Reason

# RFC 8785 writes numbers as doubles, which hold integers exactly to here; a
# hostile module may declare 2**64 - 1 of something.
_LARGEST_EXACT: Final = 2**53 - 1


class UnfitModuleError(Exception):
    """Bytes were read that make the module unacceptable."""

    def __init__(self, verdict: InvalidModule) -> None:
        """Keep the verdict for ``inspect_module`` to return."""
        super().__init__(verdict.message)
        self.verdict = verdict


def malformed(fault: str, message: str, **where: str | int) -> UnfitModuleError:
    """Say that the bytes break the binary format.

    Args:
        fault: A stable code.
        message: A sentence, made of nothing but constants and ``where``.
        where: More facts, such as ``section``.
    """
    facts = {"fault": fault, **where}
    return UnfitModuleError(InvalidModule("malformed", facts, message, ""))


def truncated(section: str) -> UnfitModuleError:
    """Say that the bytes end before the part they are in does."""
    message = f"The bytes end inside the {section}."
    facts = {"section": section}
    return UnfitModuleError(InvalidModule("truncated", facts, message, ""))


def check_limit(limit_name: str, actual: int, maximum: int) -> None:
    """Hold a count that was read against the policy.

    Args:
        limit_name: The field of ``WasmLimits``.
        actual: The count, or the value at which a running total passed.
        maximum: What the policy allows.

    Raises:
        UnfitModuleError: ``actual`` is greater than ``maximum``.
    """
    if actual > maximum:
        raise UnfitModuleError(over_limit(limit_name, actual, maximum))


def over_limit(limit_name: str, actual: int, maximum: int) -> InvalidModule:
    """Build the verdict on a module that passes a limit."""
    words = limit_name.replace("_", " ")
    facts = {
        "limit_name": limit_name,
        "actual": min(actual, _LARGEST_EXACT),
        "maximum": maximum,
    }
    message = f"The module has {actual} for {words}; at most {maximum} is allowed."
    reason: Reason = "too_large" if limit_name == "module_bytes" else "limit_exceeded"
    return InvalidModule(reason, facts, message, "")


def feature_refused(features: tuple[str, ...], detail: str) -> InvalidModule:
    """Build the verdict on a module that needs features the policy leaves off.

    Args:
        features: The missing ones, most particular first; not empty.
        detail: The engine's words, or empty.
    """
    feature = features[0]
    flags = turn_off_flags(feature)
    facts: Facts = {"feature": feature, "features": list(features), "flags": flags}
    message = f"The module uses {' and '.join(features)}, which is not allowed here."
    if flags:
        ways = "; ".join(f"{compiler}: {flag}" for compiler, flag in flags.items())
        message += f" To compile without {feature}: {ways}."
    return InvalidModule("feature_not_allowed", facts, message, detail)
