"""What the store refuses.

StoreError
├── StoreUnusable (InputError)  the file, its lock, its version or its keys: a user can mend it
├── RequestConflict             the request id was used for another body
├── NotFound                    no such referral or screening
├── PurposeMissing              personal data was asked for without a purpose
└── DecisionRefused (InputError)  the decision may not be made so
"""

from manifests.errors import InputError


class StoreError(Exception):
    """Base of everything the store refuses."""


class StoreUnusable(StoreError, InputError):
    """The store cannot be opened; `faults` say why and what to do."""


class RequestConflict(StoreError):
    """The submitter used this request id before, for another body."""


class NotFound(StoreError):
    """Nothing has this id, or the caller may not know of it."""


class PurposeMissing(StoreError):
    """Personal data is read for one of `manifests.vocabulary.PURPOSES`; the refusal is in the audit ledger."""


class DecisionRefused(StoreError, InputError):
    """`faults` say what the decision lacks."""
