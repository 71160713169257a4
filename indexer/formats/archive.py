"""Zip files that are documents: opened only where they are what they say, and of a sane size."""

from __future__ import annotations

import io
import zipfile

from knowledge.errors import DocumentError

# What Office wraps around a file it encrypts, and around all of its older formats.
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_UNPACKED_LIMIT = 200_000_000
_ENTRIES_LIMIT = 20_000


def opened(data: bytes, *, name: str, what: str) -> zipfile.ZipFile:
    """The archive; raises DocumentError for a locked, damaged or huge one.

    `what` names the kind and ending, as in "a Word document (.docx)".
    """
    if data.startswith(_OLE):
        raise DocumentError(
            f"{name} is protected by a password or in an older format than {what}: "
            "save it as that without a password, and add it again."
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise DocumentError(
            f"{name} is damaged or not {what}: open it, save it again as that and add it again."
        ) from error
    entries = archive.infolist()
    # A declared size that is too small makes reading end there, so that it may be believed.
    if sum(entry.file_size for entry in entries) > _UNPACKED_LIMIT:
        raise DocumentError(
            f"{name} unpacks to more than {_UNPACKED_LIMIT // 1_000_000} MB: "
            "split it, or save its text alone."
        )
    if len(entries) > _ENTRIES_LIMIT:
        raise DocumentError(
            f"{name} packs {len(entries)} files, and at most {_ENTRIES_LIMIT} are taken: "
            "split it, or save its text alone."
        )
    return archive
