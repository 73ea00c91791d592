"""The gateway's settings: where the owners are, how long pages may wait for them."""

from kernel.settings import ServiceSettings


class GatewaySettings(ServiceSettings, service="gateway"):
    """`owners` maps a service to its base address; empty: the services live in this process and are handed over.

    `owner_timeout_seconds` bounds one call to an owner: after it the answer is 503, and nothing is queued.
    `departments_url` is where departments are reached by push (`{departments_url}/{id}/tasks`);
    `department_addresses` names those that live elsewhere.
    `sms_gateway_url` takes text messages (gateway/notices/senders.py); empty: in the demo the kept row is the
    delivery, outside it messages wait.
    """

    owners: dict[str, str] = {}
    owner_timeout_seconds: float = 5.0
    feed_poll_seconds: float = 0.05
    material_limit_bytes: int = 5 * 1024 * 1024
    # A department's address is `departments_url/<id>` unless `department_addresses` names another (JSON object).
    departments_url: str = "http://127.0.0.1:8090/departments"
    department_addresses: dict[str, str] = {}
    push_timeout_seconds: float = 10.0
    sms_gateway_url: str = ""
