"""All pages, for the gateway's `Service(routers=[*web.routers.ROUTERS, …])`."""

from gateway.web import (
    acts,
    assets,
    awards_in_life,
    bed_offers,
    cases,
    declarations,
    desk,
    estate,
    filings,
    grant_checks,
    letters,
    money,
    people,
    sign_in,
    transfer,
    visits,
)
from gateway.web.report import routes as report

ROUTERS = (
    sign_in.router,
    report.router,
    cases.router,
    estate.router,
    acts.router,
    transfer.router,
    desk.router,
    money.router,
    people.router,
    letters.router,
    filings.router,
    bed_offers.router,
    declarations.router,
    awards_in_life.router,
    grant_checks.router,
    visits.router,
    assets.router,
)
