"""The teller with its senders, made once at the start of the gateway."""

from collections.abc import Mapping

from gateway.cases.plans import Plans
from gateway.notices.contacts import Contacts
from gateway.notices.daily import Daily
from gateway.notices.dispatch import Dispatch
from gateway.notices.queue import Queue
from gateway.notices.senders import KeptRows, LettersToPrint, Sender, SmsGateway
from gateway.notices.teller import Teller
from gateway.people.register import Register
from gateway.settings import GatewaySettings
from kernel.service import Service


def make_teller(service: Service, settings: GatewaySettings, plans: Plans, register: Register) -> Teller:
    """Queue, digests and dispatch on the gateway's own database."""
    return Teller(
        transactions=service.transactions, clock=service.clock,
        queue=Queue(plans, Contacts(register, service.sealer)), daily=Daily(plans, service.sealer),
        dispatch=Dispatch(service.transactions, service.sealer, _senders(service, settings)),
    )  # fmt: skip


def _senders(service: Service, settings: GatewaySettings) -> Mapping[str, Sender]:
    """By channel. Outside the demo letters are printed at a window; text messages stay pending until a city's gateway
    is connected, and never go another way."""
    senders: dict[str, Sender] = (
        {"sms": KeptRows(), "letter": KeptRows()} if settings.demo else {"letter": LettersToPrint()}
    )
    if settings.sms_gateway_url:
        gateway = SmsGateway(settings.sms_gateway_url)
        service.add_resource(lambda: gateway)
        senders["sms"] = gateway
    return senders
