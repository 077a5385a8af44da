"""OpenAI's error shape as a value: what a request that is refused is told.

Only the shape; which requests are refused is said by the checks beside it.
"""

from dataclasses import dataclass

INVALID_REQUEST = "invalid_request_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request gets no completion, in the fields of OpenAI's error document.

    ``param`` names the place in the request (``messages[2].tool_calls[0].id``), or is None where
    the request as a whole is meant.
    """

    message: str
    param: str | None = None
    code: str | None = None
    kind: str = INVALID_REQUEST
    status: int = 400

    def document(self) -> dict[str, object]:
        """Give the body of the answer, as OpenAI writes it."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }
