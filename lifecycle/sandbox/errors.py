"""Faults of the sandbox itself; what a contained program does is an outcome, not an error."""

from lifecycle.sandbox.job import SandboxStatus


class SandboxError(RuntimeError):
    """The sandbox could not be set up or watched; nothing of the job's has been judged."""


class SandboxUnavailableError(SandboxError):
    """No sandbox works here, and the operator has not allowed to do without.

    Attributes:
        status: What was tried and what would mend it.
    """

    def __init__(self, status: SandboxStatus) -> None:
        super().__init__(status.problem or "no sandbox")
        self.status = status
