"""Logs: one JSON line each, on standard output, without personal data.

The redaction processor is the last line of defence, not a licence: what looks like an ID number, a phone or a bank
account is blanked in every value, and fields that by their name hold personal data are blanked whole.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson
import structlog

_PERSONAL_FIELDS = frozenset(
    {
        "name",
        "id_number",
        "phone",
        "address",
        "bank_account",
        "form",
        "body",
        "password",
        "token",
        "authorization",
    }
)
# 15–19 digits in a row, perhaps ending in X (ID number, bank account); a mobile or fixed phone; a bearer token.
_NUMBERS = re.compile(
    r"(?<![0-9A-Za-z-])(?:[0-9]{14,18}[0-9Xx]|1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9A-Za-z])"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]+"
)
BLANK = "[已隐去]"


def redact(value: Any) -> Any:
    """The value with everything that looks personal blanked; mappings by field name too."""
    if isinstance(value, str):
        return _NUMBERS.sub(BLANK, value)
    if isinstance(value, Mapping):
        return {key: BLANK if key in _PERSONAL_FIELDS else redact(member) for key, member in value.items()}
    if isinstance(value, list | tuple | set):
        return [redact(member) for member in value]
    return value


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: BLANK if key in _PERSONAL_FIELDS else redact(value) for key, value in event.items()}


def configure_logging(level: str = "INFO") -> None:
    """Set up structlog and the standard library's logging for this process. May be called again."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redact_event, _line],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "aiokafka", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(
            logging.WARNING
        )  # the access lines of uvicorn and httpx hold whole URLs


def _line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=str).decode()
