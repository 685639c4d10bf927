"""Who acts, in which roles and what for: every use case and every read of personal data takes one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person or machine as its credential says. `purpose` is a code of `manifests.vocabulary.PURPOSES`; it may be
    empty only where no personal data is read."""

    id: str
    roles: frozenset[str] = frozenset()
    purpose: str = ""
