"""A desk of the eldercare service on a migrated database with synthetic people; and the whole system at work."""

from services.eldercare.main import make_service
from services.eldercare.people_import import load_people
from services.eldercare.settings import EldercareSettings
from tests.gateway.conftest import peopled, working
from tests.owner_desk import desk_of, households_of

__all__ = ["desk", "households", "peopled", "working"]

desk = desk_of(EldercareSettings, make_service)
households = households_of(load_people)
