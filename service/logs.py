"""The server's log: one JSON object per line on standard error. Ids, counts and exception types; never personal data."""

from typing import TextIO

import structlog


def log_to(stream: TextIO) -> structlog.typing.FilteringBoundLogger:
    """A logger of its own, so that nothing global is configured."""
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),  # from INFO
    )
    return logger
