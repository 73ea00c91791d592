"""replay list, replay run, replay skip: what a person does about parked keys (design 6)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from deploy.command_line.opened import opened
from deploy.command_line.options import FOLDER, Data, installation
from deploy.local.installation import Installation
from deploy.local.system import PARTS
from kernel.messaging import replay as replaying
from kernel.messaging.consumer import Handler
from kernel.messaging.parking import list_parked
from kernel.messaging.replay import NotParked
from kernel.public_service.clock import TZ
from kernel.service import Service

RELAY = "relay"

app = typer.Typer(
    no_args_is_help=True, help="停放的消息：列出、重放、跳过 / parked messages: list, replay, skip"
)
Consumer = Annotated[str, typer.Argument(help="消费者，或 <服务>.relay / consumer, or <service>.relay")]
Topic = Annotated[str, typer.Argument(help="主题 / topic")]
Key = Annotated[str, typer.Argument(help="键（办件或人员编号） / key")]


@app.command("list")
def list_keys(data: Data = FOLDER) -> None:
    """列出停放的键、原因和等待的条数。Parked keys with reason and how many messages wait."""
    lines = asyncio.run(_listed(installation(data)))
    print("\n".join(lines) if lines else "没有停放的消息 · nothing is parked")


async def _listed(place: Installation) -> Sequence[str]:
    lines = []
    async with opened(place) as services:
        for name, service in services.items():
            async with service.transactions.begin() as tx:
                parked = await list_parked(tx.connection)
            lines += [
                f"{one.consumer}  {one.topic}  {one.key}  等待 {one.waiting} 条，下一条 n={one.next_n}，"
                f"重试 {one.attempts} 次，{_moment(one.parked_at)} 起\n    {one.reason}"
                for one in parked
            ]
            lines += [
                f"{name}.{RELAY}  {topic}  {key}  发件箱最早一条 seq={seq}\n    {reason}"
                for topic, key, reason, seq in await replaying.list_parked_outbox(service.transactions)
            ]
    return lines


@app.command("run")
def run(consumer: Consumer, topic: Topic, key: Key, data: Data = FOLDER) -> None:
    """按顺序重放一个键的消息。Replay a key's messages in order."""
    done = asyncio.run(_replay(installation(data), consumer, (topic, key)))
    print(done)
    if "仍停放" in done:
        raise typer.Exit(1)


async def _replay(place: Installation, consumer: str, key: tuple[str, str]) -> str:
    name = _service_of(consumer)
    async with opened(place, [name]) as services:
        service = services[name]
        if consumer == f"{name}.{RELAY}":
            await replaying.replay_outbox(service.transactions, key)
            return "已放行，发件箱会再次发送 · released: the relay tries it again"
        handled = await replaying.replay(service.transactions, consumer, key, _handler(service, consumer))
    if handled.released:
        return f"已重放 {handled.handled} 条，该键已放行 · {handled.handled} replayed, the key is free"
    return f"重放 {handled.handled} 条后仍停放 · still parked after {handled.handled}: {handled.reason}"


@app.command("skip")
def skip(
    consumer: Consumer, topic: Topic, key: Key,
    n: Annotated[int, typer.Argument(help="消息编号 n（发件箱为 seq） / number of the message")],
    person: Annotated[str, typer.Option(help="操作人 / who")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    data: Data = FOLDER,
) -> None:  # fmt: skip
    """跳过一条停放的消息，写明谁、为什么；内容留存。Leave a parked message out for good, with who and why."""
    asyncio.run(_skip(installation(data), consumer, (topic, key), n, person, reason))
    print("已跳过并留存 · skipped and kept on record")


async def _skip(
    place: Installation, consumer: str, key: tuple[str, str], n: int, person: str, reason: str
) -> None:
    name = _service_of(consumer)
    async with opened(place, [name]) as services:
        transactions = services[name].transactions
        if consumer == f"{name}.{RELAY}":
            await replaying.skip_outbox(transactions, key, n, person=person, reason=reason)
        else:
            await replaying.skip(transactions, consumer, key, n, person=person, reason=reason)


def _service_of(consumer: str) -> str:
    """Consumers are named `<service>.<what>`. Raises NotParked."""
    name = consumer.split(".")[0]
    if name not in PARTS:
        raise NotParked(
            f"没有消费者 {consumer}，见 replay list。 There is no consumer {consumer}; see `replay list`."
        )
    return name


def _handler(service: Service, consumer: str) -> Handler:
    for consumption in service.subscriptions:
        if consumption.name == consumer:
            return consumption.handler
    raise NotParked(f"{service.name} 没有消费者 {consumer}。 {service.name} has no consumer {consumer}.")


def _moment(at: datetime) -> str:
    return at.astimezone(TZ).isoformat(sep=" ", timespec="seconds")
