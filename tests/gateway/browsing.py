"""A browser without a screen: pages over ASGI, forms sent as the page gave them."""

import re
from typing import Any

import httpx

from kernel.public_service.access import COOKIE, Role
from tests.gateway.office import Office


def browser(office: Office, role: Role, **who: Any) -> httpx.AsyncClient:
    """Signed in by the session cookie; follows redirects."""
    token = office.client(role, **who).headers["authorization"].removeprefix("Bearer ")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(office.services["gateway"].app), base_url="http://gateway",
        cookies={COOKIE: token}, follow_redirects=True,
    )  # fmt: skip


async def send_form(
    http: httpx.AsyncClient, page: str, *, action: str | None = None, **values: Any
) -> httpx.Response:
    """Open the page, fill its (or the named) form of the main part, and send it. Names begin with `/` on the page."""
    form = form_of((await http.get(page)).text, action)
    fields = {
        name if name in form.hidden or name in form.plain else f"/{name}": value
        for name, value in values.items()
    }
    return await http.post(form.action, data={**form.hidden, **fields})


class Form:
    """One form of a page: where it goes and what it carries by itself."""

    def __init__(self, html: str) -> None:
        found = re.search(r'action="([^"]+)"', html)
        assert found, html[:200]
        self.action = found[1].replace("&amp;", "&")
        self.hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', html))
        self.plain = set(re.findall(r'name="([^"/]+)"', html))


def form_of(page: str, action: str | None = None) -> Form:
    """The first form of the main part, or the one with that action."""
    found = [Form(html) for html in re.findall(r"<form.*?</form>", page.split("<main")[1], re.DOTALL)]
    chosen = [form for form in found if action in (None, form.action)]
    assert chosen, f"no form {action} on the page"
    return chosen[0]


def words_of(page: str) -> str:
    """The words of the main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0]))
