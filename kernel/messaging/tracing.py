"""The W3C trace context that follows a case from message to message."""

from contextvars import ContextVar

from opentelemetry import trace

# Set by whoever receives a `traceparent` without a tracer running (the HTTP layer, the consumer).
current_traceparent: ContextVar[str | None] = ContextVar("current_traceparent", default=None)


def traceparent() -> str | None:
    """The `traceparent` header of the running span, else the one received, else None."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
    return current_traceparent.get()
