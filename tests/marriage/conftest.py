"""A desk of the marriage service on a migrated database with synthetic people."""

from services.marriage.main import make_service
from services.marriage.people_import import load_people
from services.marriage.settings import MarriageSettings
from tests.owner_desk import desk_of, households_of

desk = desk_of(MarriageSettings, make_service)
households = households_of(load_people)
