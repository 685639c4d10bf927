"""The one base of every error that a user can mend.

InputError
├── SnapshotError   watchlists: a list or snapshot cannot be used
├── PackError       rules: a scenario pack is not valid
├── PolicyError     scoring: a policy is not valid
└── ModelError      scoring: a model artefact is refused
"""

from collections.abc import Sequence


class InputError(ValueError):
    """Input that cannot be used. `faults` names for each fault its place, the value and the fix, all at once."""

    def __init__(self, faults: str | Sequence[str]) -> None:
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(self.faults))
