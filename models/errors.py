"""The one error of the models room."""


class ModelError(Exception):
    """A model is missing, damaged, unreachable or was given something it cannot use.

    code: stable and machine-readable, e.g. ``model_missing``, ``checksum_mismatch``, ``llm_unreachable``.
    retryable: whether the same call may succeed later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
