"""Stored source packages on their way to a compiler, judged again by the rules.

A package that came by an import was never judged here: replay knows no policy.
"""

import msgspec

from lifecycle.codec.packages import decode_package
from lifecycle.content import store as content
from lifecycle.core.decide.compile import judge_package
from lifecycle.core.rejections import record_of
from lifecycle.core.source_package import SourcePackage, toolchain_name_for
from lifecycle.protocol.wording import describe
from lifecycle.toolchains.results import CompileFailed, Diagnostic
from lifecycle.usecases.limits import service_policy


def stored_package(source_digest: str, toolchain: str) -> SourcePackage | CompileFailed:
    """Give the sources with a digest, or why this toolchain does not compile them.

    Raises:
        ContentError: they are missing or were altered.
    """
    try:
        package = decode_package(content.get(source_digest))
    except msgspec.MsgspecError:
        return _unfit("The source package is not one that this service reads.")
    fault = judge_package(package, service_policy())
    if fault is not None:
        record = record_of(fault)
        return _unfit(describe(record.code, record.field, record.facts).message)
    command = service_policy().operator_command
    if toolchain_name_for(package.manifest_path, operator_command=command) != toolchain:
        return _unfit("The manifest does not ask for the toolchain that the request names.")
    return package


def _unfit(message: str) -> CompileFailed:
    remark = Diagnostic(file=None, line=None, column=None, severity="error", message=message)
    return CompileFailed("compile_failed", {}, (remark,), 0)
