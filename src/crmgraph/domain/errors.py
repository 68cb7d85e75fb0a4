"""The one tree of errors, grouped by who must act (DESIGN section 6).

The class answers two questions: may it be retried, and whose turn is it? Messages are whole sentences for people: what
went wrong, where, and what would have been right. They never hold a credential, an upstream URL or a body.
"""


class CrmGraphError(Exception):
    """What every error of ours is."""

    code = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def for_logs(self) -> str:
        """What a log may say of it: the sentence, or the code alone where it may quote somebody's values."""
        return self.message


class ConfigError(CrmGraphError):
    """The operator's turn: the configuration is wrong."""

    code = "BAD_CONFIG"


class DefinitionError(CrmGraphError):
    """The turn of the connector's author: a definition is wrong."""

    code = "BAD_DEFINITION"


class InputError(CrmGraphError):
    """The caller's turn: the question is wrong."""

    code = "BAD_INPUT"

    @property
    def for_logs(self) -> str:
        return self.code


class Forbidden(InputError):
    """What this caller may not do or see; the operator decides who may."""

    code = "FORBIDDEN"


class Ambiguous(InputError):
    """A look-up that fits several people; `ids` are their global ids."""

    code = "AMBIGUOUS"

    def __init__(self, message: str, ids: tuple[str, ...]) -> None:
        super().__init__(message)
        self.ids = ids


class Unsupported(InputError):
    """What a source cannot do, found out before any call."""

    code = "UNSUPPORTED"

    def __init__(self, message: str, source: str | None = None) -> None:
        super().__init__(message)
        self.source = source


class TooCostly(InputError):
    """The question would need more work than its budget allows."""

    code = "TOO_COSTLY"


class Overloaded(CrmGraphError):
    """Nobody's turn: more is asked at once than is taken in; in `retry_after` seconds there may be room again."""

    code = "OVERLOADED"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceError(CrmGraphError):
    """A source failed; the other sources' part of the answer stands.

    `sent` says whether the call may have reached the CRM: False only where nothing of it went out.
    """

    code = "UNAVAILABLE"
    retryable = False
    sent = True

    def __init__(self, source: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.retry_after = retry_after  # Seconds.


class Unavailable(SourceError):
    """Nobody's turn: the CRM did not answer, or answered with its own failure."""

    code = "UNAVAILABLE"
    retryable = True


class Throttled(SourceError):
    """Nobody's turn: the CRM asks us to come back later (`retry_after`, in seconds, where it says)."""

    code = "THROTTLED"
    retryable = True


class Denied(SourceError):
    """The operator's turn: the CRM refuses these credentials or this scope.

    `everywhere` says that no other call with these credentials will fare better.
    """

    code = "DENIED"
    everywhere = False


class Reconnect(Denied):
    """The operator's turn: a person has to connect the source by OAuth, for the first time or again."""

    everywhere = True
    sent = False


class Rejected(SourceError):
    """The caller's turn: the CRM refuses these values and says why."""

    code = "REJECTED"

    @property
    def for_logs(self) -> str:
        return self.code


class BadReply(SourceError):
    """The turn of the definition's author: the CRM answered what its definition does not describe."""

    code = "BAD_REPLY"


class OutcomeUnknown(SourceError):
    """A write that may have happened."""

    code = "OUTCOME_UNKNOWN"
