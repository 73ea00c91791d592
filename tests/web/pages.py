"""What a person does in the browser, in short words."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

Json = dict[str, Any]
_PARTS = ("year", "month", "day", "hour", "minute")


@dataclass
class Window:
    """A browser of one's own. `breaches`: what the content policy blocked and which scripts failed."""

    context: BrowserContext
    page: Page
    address: str
    breaches: list[str] = field(default_factory=list)

    @classmethod
    async def open(cls, browser: Browser, address: str, *, script: bool) -> "Window":
        context = await browser.new_context(java_script_enabled=script, locale="zh-CN")
        made = cls(context, await context.new_page(), address)
        made.page.on("console", made._note)
        made.page.on("pageerror", lambda error: made.breaches.append(str(error)))
        return made

    def _note(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text or "Refused to" in said.text:
            self.breaches.append(said.text)

    async def go(self, path: str) -> int:
        """Open a page; its status."""
        answer = await self.page.goto(self.address + path)
        assert answer is not None
        return answer.status

    async def sign_in(self, user: str) -> None:
        await self.go("/sign-in")
        folded = self.page.locator("#offices > summary")
        if await folded.count():
            await folded.click()
        await self.page.locator(f"button[value='{user}']").click()

    async def press(self, text: str) -> None:
        """The button or link of that name; the next page has then come."""
        await self.page.get_by_text(text, exact=False).first.click()

    async def save(self) -> None:
        """The form's first button."""
        await self.page.locator("main form button.primary").first.click()

    async def fill(self, pointer: str, text: str) -> None:
        await self.page.fill(f"[name='{pointer}']", text)

    async def choose(self, pointer: str, value: str) -> None:
        await self.page.check(f"[name='{pointer}'][value='{value}']")

    async def fill_instant(self, pointer: str, at: datetime) -> None:
        for part in _PARTS:
            await self.fill(f"{pointer}#{part}", str(getattr(at, part)))

    async def heading(self) -> str:
        return (await self.page.inner_text("h1")).split("\n")[0].strip()

    async def faults(self) -> list[str]:
        """The lines of the error summary."""
        return await self.page.locator(".summary li").all_inner_texts()

    async def first_questions(self, dead: Json, died_at: datetime) -> None:
        """From the beginning to the task list."""
        await self.go("/report/death")
        await self.save()
        await self.fill("/deceased/name", dead["name"])
        await self.fill("/deceased/id_number", dead["id_number"])
        await self.save()
        await self.choose("/deceased/place", "home")
        await self.fill_instant("/deceased/died_at", died_at)
        await self.save()
        await self.fill("/applicant/phone", "13900000000")
        await self.save()

    async def who_reports(self, spouse: Json) -> None:
        """The task 申报人, on a window's page."""
        await self.go(f"{self.report}/reporter")
        await self.fill("/applicant/name", spouse["name"])
        await self.fill("/applicant/id_number", spouse["id_number"])
        await self.choose("/applicant/relation", "spouse")
        await self.save()

    async def send(self) -> str:
        """Check and send; the case number of the receipt."""
        await self.go(f"{self.report}/check")
        await self.save()
        return await self.page.inner_text("#case-no")

    @property
    def report(self) -> str:
        """The address of the report in hand, without its page."""
        path = self.page.url.removeprefix(self.address).split("?")[0].split("/")
        return "/".join(path[:4])

    async def state(self, kind: str) -> str | None:
        """The state of a procedure on the progress page, in words; None while it is not there."""
        card = self.page.locator(f"[data-type='{kind}'] .head .state")
        return "".join((await card.first.text_content() or "").split()) if await card.count() else None


def yesterday(now: datetime) -> datetime:
    return (now - timedelta(days=1)).replace(second=0, microsecond=0)
