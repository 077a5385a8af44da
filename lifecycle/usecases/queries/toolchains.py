"""The toolchains as the workers report them. Looking at a machine's own is `compilers`' matter."""

from lifecycle.models.jobs import ToolchainReport
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.queries.documents import Document


def reported_toolchains() -> list[Document]:
    """Give what the workers said of each toolchain, by name; empty before any did."""
    return [_document(report) for report in ToolchainReport.objects.order_by("name")]


def _document(report: ToolchainReport) -> Document:
    return {
        "name": report.name,
        "available": report.available,
        "version": report.version or None,
        "install_hint": report.install_hint or None,
        "reported_at": utc_text(report.reported_at),
    }
