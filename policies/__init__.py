"""Policy profiles (`demo`, `standard`, `ca`, `eu`), one YAML file each, and example scenario packs: versioned data."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
