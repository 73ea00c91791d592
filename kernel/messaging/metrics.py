"""What to watch; alarms are set on these (deploy/observability)."""

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_OLDEST_SECONDS = Gauge(
    "lianban_outbox_oldest_seconds", "Age of the oldest row that waits in the outbox", ["service"]
)
OUTBOX_ROWS = Gauge("lianban_outbox_rows", "Rows that wait in the outbox, counted up to 10,000", ["service"])
OUTBOX_PARKED_KEYS = Gauge(
    "lianban_outbox_parked_keys", "Keys the bus refused; they wait for a replay", ["service"]
)
PARKED_KEYS = Gauge("lianban_parked_keys", "Keys that wait for a person", ["service", "consumer"])
PARKED_OLDEST_SECONDS = Gauge(
    "lianban_parked_oldest_seconds", "Age of the oldest parked key", ["service", "consumer"]
)
RELAY_LEADER = Gauge("lianban_relay_leader", "1 where this process relays", ["service"])
RELAY_SENT = Counter("lianban_relay_sent_total", "Messages the bus acknowledged", ["service"])
RELAY_BROKEN = Counter(
    "lianban_relay_broken_total", "Sends that failed; each opened a fresh producer", ["service"]
)
CONSUMER_LAG = Gauge(
    "lianban_consumer_lag_messages", "Messages written and not yet handled", ["service", "consumer"]
)
CONSUMER_OLDEST_SECONDS = Gauge(
    "lianban_consumer_oldest_seconds", "Age of the oldest message not yet handled", ["service", "consumer"]
)
CONSUMER_ASSIGNED = Gauge(
    "lianban_consumer_partitions", "Partitions this process reads", ["service", "consumer"]
)
CONSUMER_BATCHES = Counter("lianban_consumer_batches_total", "Committed batches", ["consumer"])
CONSUMER_MESSAGES = Counter(
    "lianban_consumer_messages_total", "Messages by what became of them", ["consumer", "outcome"]
)
CONSUMER_WAITING = Gauge(
    "lianban_consumer_waiting_failures", "Failures in a row of the surroundings; 0 is well", ["consumer"]
)
CONSUMER_HALTED = Gauge(
    "lianban_consumer_halted", "1: the group lost its position, a person must set it", ["consumer"]
)
HANDLER_SECONDS = Histogram(
    "lianban_handler_seconds",
    "Seconds a handler took for one batch",
    ["consumer"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
