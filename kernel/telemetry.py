"""Metrics of requests and of the worker's loops. Labels are routes and names, never a value of a request.

The metrics of the outbox and the consumers stand in `kernel.messaging.metrics`, the trace in `…messaging.tracing`.
"""

import os

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from kernel.messaging.tracing import current_traceparent, traceparent

__all__ = [
    "CONTENT_TYPE_LATEST", "HTTP_REQUESTS", "HTTP_SECONDS", "LOOP_FAILURES", "LOOP_RUNNING", "current_traceparent",
    "generate_latest", "new_traceparent", "traceparent",
]  # fmt: skip

HTTP_REQUESTS = Counter(
    "lianban_http_requests_total", "Requests by route and status", ["service", "method", "route", "status"]
)
HTTP_SECONDS = Histogram(
    "lianban_http_seconds",
    "Seconds until the answer began",
    ["service", "method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LOOP_FAILURES = Counter(
    "lianban_loop_failures_total", "Times a worker loop failed and was restarted", ["service", "loop"]
)
LOOP_RUNNING = Gauge(
    "lianban_loop_running", "1 while the loop runs, 0 while it waits to be restarted", ["service", "loop"]
)


def new_traceparent() -> str:
    """A fresh W3C trace, not sampled unless a tracer decides otherwise."""
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00"
