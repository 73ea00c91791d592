"""Uvicorn in a process that has more to do than serve: the caller owns signals, socket and end."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GRACE_SECONDS = 5
_LONG_ANSWERS = "/events"


class PortInUse(RuntimeError):
    """端口已被占用，请换一个端口，或先停止占用它的程序。
    The port is in use: choose another one (--port), or stop the program that holds it."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port} {self.__doc__}")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, answering: asyncio.Event) -> None:
        super().__init__(config)
        self._answering = answering

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._answering.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the caller's."""
        yield


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening address before anything costly is started. Raises PortInUse."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(2048)
    except OSError as error:
        bound.close()
        raise PortInUse(host, port) from error
    bound.setblocking(False)
    return bound


async def serve_until(
    app: ASGIApp,
    bound: socket.socket,
    stop: asyncio.Event,
    *,
    lifespan: bool,
    started: asyncio.Event | None = None,
) -> None:
    """Serve on the socket until `stop` is set; requests under way have five seconds, event streams end at once."""
    config = uvicorn.Config(
        EndingStreams(app, stop), loop="none", http="httptools", ws="none", lifespan="on" if lifespan else "off",
        log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS, server_header=False,
        timeout_keep_alive=30,
    )  # fmt: skip
    server = _Server(config, started or asyncio.Event())
    with closing(bound):
        serving = asyncio.create_task(server.serve(sockets=[bound]), name="http")
        stopping = asyncio.create_task(stop.wait(), name="http stop")
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.should_exit = True
            stopping.cancel()
            await serving


class EndingStreams:
    """ASGI: tells every event stream that its client has gone once `stop` is set. Else a stream would hold the end."""

    def __init__(self, app: ASGIApp, stop: asyncio.Event) -> None:
        self._app = app
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith(_LONG_ANSWERS):
            await self._app(scope, self._until_stop(receive), send)
            return
        await self._app(scope, receive, send)

    def _until_stop(self, receive: Receive) -> Receive:
        async def receive_or_end() -> Message:
            receiving, stopping = asyncio.ensure_future(receive()), asyncio.ensure_future(self._stop.wait())
            try:
                done, _ = await asyncio.wait({receiving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                receiving.cancel()
                stopping.cancel()
            return receiving.result() if receiving in done else {"type": "http.disconnect"}

        return receive_or_end
