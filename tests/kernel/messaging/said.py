"""Two events of nobody's, for tests of the messaging itself."""

from typing import ClassVar

from kernel.messaging.event import Event, upcast


class Said(Event):
    """Somebody said something; `line` counts per speaker from 1."""

    name: ClassVar[str] = "Said"
    version: ClassVar[int] = 2

    speaker: str
    line: int
    to: str = "hall"
    text: str = ""

    def topic(self) -> str:
        return self.to

    def key(self) -> str:
        return self.speaker


@upcast("Said", 1)
def name_the_speaker(data: dict) -> dict:
    """Version 1 called the speaker `who`."""
    data["speaker"] = data.pop("who")
    return data
