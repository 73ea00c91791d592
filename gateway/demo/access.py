"""The demo's routes exist in the demo profile only: elsewhere they answer 404, whoever asks."""

from fastapi import Depends, Request

from kernel.errors import NotFound
from kernel.public_service.access import public


def demo_only(request: Request) -> None:
    """Raises NotFound outside the demo profile."""
    if not request.app.state.service.settings.demo:
        raise NotFound()


DEMO = [Depends(public("仅演示环境，没有真实的人 / demo profile only, invented people")), Depends(demo_only)]
