"""Reading the primitive values of the WebAssembly binary format, within bounds.

Every read is checked against the end of its part and costs time only for the
bytes it passes. What the values mean must not be put here.

Source: WebAssembly core specification, "Binary Format: Values".
"""

from typing import Final

from lifecycle.wasm.faults import (
    UnfitModuleError,
    check_limit,
    malformed,
    truncated,
)

WHOLE: Final = "module"
"""The part that is all of a module's bytes."""

_MORE: Final = 0x80
_S33_BITS: Final = 35  # five bytes of seven bits
_ONE_BYTE: Final = bytes(range(_MORE))


class Cursor:
    """A place in a module's bytes, and the end of the part it is in."""

    __slots__ = ("at", "data", "end", "part")

    def __init__(self, data: bytes, at: int, end: int, part: str) -> None:
        """Stand at ``at``; ``end`` is at most ``len(data)``."""
        self.data = data
        self.at = at
        self.end = end
        self.part = part

    def byte(self) -> int:
        """Read one byte."""
        at = self.at
        if at >= self.end:
            raise self._overrun()
        self.at = at + 1
        return self.data[at]

    def peek(self) -> int | None:
        """Return the next byte without passing it; None at the end."""
        return self.data[self.at] if self.at < self.end else None

    def take(self, count: int) -> bytes:
        """Read ``count`` bytes, >= 0, as they are."""
        start = self.at
        self.skip(count)
        return self.data[start : self.at]

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes, >= 0."""
        if count > self.end - self.at:
            raise self._overrun()
        self.at += count

    def u32(self) -> int:
        """Read an unsigned LEB128 below 2**32."""
        at = self.at
        if at < self.end:
            first = self.data[at]
            # Nearly every number of a real module fits in one byte.
            if first < _MORE:
                self.at = at + 1
                return first
        return self._unsigned(32)

    def u64(self) -> int:
        """Read an unsigned LEB128 below 2**64."""
        return self._unsigned(64)

    def s33(self) -> int:
        """Read a signed LEB128 of 33 bits."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < _MORE:
                break
            if shift >= _S33_BITS:
                raise self._bad_number()
        return value - (1 << shift) if byte & 0x40 else value

    def skip_number(self, bits: int) -> None:
        """Pass over a LEB128 of at most ``bits`` bits; the engine checks more."""
        for _ in range(-(-bits // 7)):
            if self.byte() < _MORE:
                return
        raise self._bad_number()

    def skip_u32s(self, count: int) -> None:
        """Pass over ``count`` numbers; ``count`` is within a checked limit."""
        if self.end - self.at < count:
            raise self._overrun()
        block = self.data[self.at : self.at + count]
        # One-byte numbers, the common case, are passed in one step.
        if not block.translate(None, _ONE_BYTE):
            self.at += count
            return
        for _ in range(count):
            self.u32()

    def name(self, maximum: int) -> str:
        """Read a UTF-8 name of at most ``maximum`` bytes; it is untrusted."""
        size = self.u32()
        check_limit("name_bytes", size, maximum)
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            message = f"A name in the {self.part} is not valid UTF-8."
            raise malformed("bad_utf8", message, section=self.part) from None

    def _unsigned(self, bits: int) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < _MORE:
                break
            if shift >= bits:
                raise self._bad_number()
        if value >> bits:
            raise self._bad_number()
        return value

    def _bad_number(self) -> UnfitModuleError:
        message = f"A number in the {self.part} is longer or greater than it may be."
        return malformed("bad_leb128", message, section=self.part)

    def _overrun(self) -> UnfitModuleError:
        # Only the outermost part can lack bytes; an inner part's end is declared.
        if self.part == WHOLE:
            return truncated(self.part)
        message = f"The {self.part} ends inside one of its entries."
        return malformed("past_section_end", message, section=self.part)
