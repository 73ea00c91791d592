"""The schema of `catalog/regions/`: the dated law of each place (design 4). Models only.

`contracts.regions` makes one tree of all files and says what is in force where and when.
"""

from typing import Literal, get_args

from pydantic import Field

from contracts.terms import Frozen, Limit


class Delegation(Frozen):
    """A power to decide that lies at a level from a date on (SA-044, SA-045): up or down, per county.

    `steps` are the steps that it moves; none named: every step that an office of the ladder village, township, county
    decides (`contracts.regional_rows`). `limit`: the shorter one that goes with it (R01: 30 working days, 20 where the
    township decides). `benefits`: the kinds of benefit that it is about (SA-045); none named: all. What the row decides
    for another kind stays with the county.
    """

    procedure: str
    level: Literal["township", "county", "city"]
    valid_from: str
    limit: Limit | None = None
    regions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    benefits: tuple[str, ...] = ()
    source: str = ""


# S: a plan says it; T: a plan's target, counted with until a standard is published; F, Fm, K: rules.md; demo: invented.
Authority = Literal["S", "T", "F", "Fm", "K", "demo"]


class Standard(Frozen):
    """A dated amount in fen per month, with the unit in which it was published and its standing."""

    id: str
    amount_fen: int = Field(gt=0)
    published: str
    valid_from: str
    standing: Authority
    regions: tuple[str, ...] = ()


class Multiplier(Frozen):
    """A dated factor in percent on a standard, such as the edge line of R02 (X1)."""

    id: str
    percent: int = Field(gt=0)
    valid_from: str
    standing: Authority
    source: str
    regions: tuple[str, ...] = ()


class Promise(Frozen):
    """A region's promised limit; it may only shorten the catalogue's (design 4)."""

    procedure: str
    limit: Limit
    valid_from: str
    source: str
    regions: tuple[str, ...] = ()


class Switch(Frozen):
    """A procedure switched on or off in some regions from a date."""

    procedure: str
    on: bool
    valid_from: str
    regions: tuple[str, ...] = ()


FreeItemKind = Literal["transport", "keeping", "farewell", "cremation", "ash_storage", "urn", "coffin"]
PersonClass = Literal["local_hukou", "province_hukou", "any_death_here", "poor", "special"]
FundingSource = Literal["county", "city", "province", "home"]


class FreeItem(Frozen):
    """One cell of the free-funeral matrix (R22): item, whose death, where, and up to how much.

    Any one of `classes` is enough. `places` are divisions in one of which the death must have happened (none given:
    anywhere); `regions` those where the cell is in force (none given: the whole file). `cap_fen` and `days` are the
    most that is waived (none: all of it). `funded_by` is whose budget pays the home. A newer cell of an item replaces
    the older ones; cells of one date stand beside each other, and the best one counts.
    """

    item: FreeItemKind
    classes: tuple[PersonClass, ...] = Field(min_length=1)
    places: tuple[str, ...] = ()
    cap_fen: int | None = Field(default=None, ge=0)
    days: int | None = Field(default=None, gt=0)
    valid_from: str
    source: str
    regions: tuple[str, ...] = ()
    funded_by: FundingSource = "county"


class EcoAward(Frozen):
    """An eco-burial award in fen by kind (R22, FN-015), given after death or enjoyed in life.

    `after_in_life` of an award after death: what becomes of it when the person has enjoyed one in life already:
    refused, or the difference between the two amounts.
    """

    kind: Literal["tree", "flower", "lawn", "sea", "wall"]
    amount_fen: int = Field(ge=0)
    mode: Literal["after_death", "in_life"]
    valid_from: str
    source: str
    regions: tuple[str, ...] = ()
    funded_by: FundingSource = "county"
    after_in_life: Literal["refused", "difference"] = "refused"


class BasicService(Frozen):
    """A funeral service that the place owes everybody, free or at the listed price (FN-013)."""

    item: FreeItemKind
    valid_from: str
    source: str
    regions: tuple[str, ...] = ()


Honoured = Literal["five_old", "five_old_spouse"]
HONOURED: tuple[Honoured, ...] = get_args(Honoured)


class Bereavement(Frozen):
    """Months of a monthly allowance that are paid once more after the death of somebody honoured (FN-024)."""

    who: Honoured
    months: int = Field(gt=0, le=40)
    valid_from: str
    source: str
    regions: tuple[str, ...] = ()


class QuietPeriod(Frozen):
    """How long after a death nobody writes to the family about money it may owe (design 9).

    It goes before the `not_before` of a row's step `quiet`, shorter or longer; where nobody says one, that stands.
    """

    limit: Limit
    valid_from: str
    source: str
    regions: tuple[str, ...] = ()


class Township(Frozen):
    """A township; invented ones carry `demo`."""

    code: str = Field(pattern=r"^\d{12}$")
    name: str
    demo: bool = True


class County(Frozen):
    """A county-level division; codes are the real ones."""

    code: str = Field(pattern=r"^\d{6}$")
    name: str
    city: str = Field(pattern=r"^\d{6}$")
    townships: tuple[Township, ...] = ()


class Region(Frozen):
    """A region file: tree, delegated powers, promises, dated standards, matrices and switches."""

    code: str = Field(pattern=r"^\d{6}$")
    name: str
    name_en: str
    plan: str
    cities: dict[str, str] = Field(default_factory=dict, description="city code → name, in a province file")
    counties: tuple[County, ...] = Field(min_length=1)
    demo_county: str
    listed: int = Field(default=1000, description="place in lists of regions; the lower first, then by code")
    delegations: tuple[Delegation, ...] = ()
    standards: tuple[Standard, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    promises: tuple[Promise, ...] = ()
    switches: tuple[Switch, ...] = ()
    free_items: tuple[FreeItem, ...] = ()
    eco_awards: tuple[EcoAward, ...] = ()
    basic_services: tuple[BasicService, ...] = ()
    bereavements: tuple[Bereavement, ...] = ()
    quiet_periods: tuple[QuietPeriod, ...] = ()
