"""The exceptions this project raises; each message is a sentence that a person can act on."""


class FootnoteError(Exception):
    """The root: anything that went wrong for a reason we can name."""


class UsageError(FootnoteError):
    """What was asked for makes no sense as it was asked."""


class SettingsError(FootnoteError):
    """A setting is missing or makes no sense."""


class ModelError(FootnoteError):
    """A model could not be fetched, verified or loaded."""


class DigestError(ModelError):
    """A fetched file is not the file its publisher made."""


class LibraryError(FootnoteError):
    """The library on disk cannot be read or written as asked."""


class VectorsDamagedError(LibraryError):
    """The vectors on this disk cannot be used, and can be made again from the catalogue."""


class LibraryLockedError(LibraryError):
    """Another process is writing to the library."""


class DocumentError(FootnoteError):
    """One document cannot be turned into text."""


class GenerationError(FootnoteError):
    """The language model failed, or its server did."""
