"""All pages, for the gateway's `Service(routers=[*web.routers.ROUTERS, …])`."""

from gateway.web import acts, assets, cases, desk, estate, money, people, sign_in
from gateway.web.report import routes as report

ROUTERS = (
    sign_in.router,
    report.router,
    cases.router,
    estate.router,
    acts.router,
    desk.router,
    money.router,
    people.router,
    assets.router,
)
