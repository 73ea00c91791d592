"""A desk of the assistance service on a migrated database with synthetic people."""

from services.assistance.main import make_service
from services.assistance.people_import import load_people
from services.assistance.settings import AssistanceSettings
from tests.owner_desk import desk_of, households_of

desk = desk_of(AssistanceSettings, make_service)
households = households_of(load_people)
