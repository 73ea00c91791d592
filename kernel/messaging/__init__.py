"""How nothing is lost or doubled (design 6).

A commit writes its messages into the outbox beside the rows they speak of; one relay leader per
database hands them to the bus and deletes what was acknowledged; a consumer claims every message in
its inbox inside the transaction that handles it; a message that cannot be handled parks its key, and
the key alone.

| file | what |
|---|---|
| `event.py`, `message.py` | what is said, and how it travels |
| `transaction.py` | the only place that commits; `tx.emit` |
| `outbox.py`, `relay.py` | out of the database, in order |
| `inbox.py`, `consumer.py`, `parking.py` | into the database, once, in order per key |
| `bus/local.py`, `bus/kafka.py` | the two ways between, under one contract suite |
| `upkeep.py`, `metrics.py` | partitions made ahead, and what to watch |
"""
