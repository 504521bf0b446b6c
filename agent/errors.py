"""The one error of the hotline. Raised where something goes wrong, turned into an event and a sentence in one place."""


class HotlineError(Exception):
    """Something the operator can act on.

    code: stable and machine-readable (``config_invalid``, ``audio_unreadable``, ``protocol_error`` …).
    retryable: whether the same action may succeed later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class ConfigError(HotlineError):
    """A setting is wrong; the message names the setting, where it stands and what would be right."""

    def __init__(self, message: str) -> None:
        super().__init__("config_invalid", message)


class AudioError(HotlineError):
    """Audio that cannot be used; the message names the file and what would be right."""

    def __init__(self, message: str) -> None:
        super().__init__("audio_unreadable", message)


class ProtocolError(HotlineError):
    """A peer sent what its protocol does not allow; the message quotes what came and says what was expected."""

    def __init__(self, message: str) -> None:
        super().__init__("protocol_error", message)


class StorageError(HotlineError):
    """The database or the disk refused; what was to be stored is kept and tried again."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__("storage_failed", message, retryable=retryable)


class CompanyError(HotlineError):
    """A company's folder is wrong; the message names the file, the line and what would be right."""

    def __init__(self, message: str) -> None:
        super().__init__("company_invalid", message)
