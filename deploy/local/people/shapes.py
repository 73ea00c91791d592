"""The kinds of household that the demo counties are made of, with how often each occurs."""

from collections.abc import Callable

from deploy.local.people.builder import HouseholdBuilder

Shape = Callable[[HouseholdBuilder], None]


def dibao_couple_payee_dies(b: HouseholdBuilder) -> None:
    """Two old people on dibao; the husband, who draws an old-age allowance, is the payee himself."""
    husband, wife = b.couple((80, 92))
    b.income_fen = 30_000
    b.dibao(husband)
    for elder in (husband, wife):
        b.old_age_allowance(elder)
        b.elder_card(elder)


def dibao_couple(b: HouseholdBuilder) -> None:
    """Two old people on dibao; the wife is the payee, the husband draws one allowance (benchmark shape)."""
    husband, wife = b.marry(
        b.person("male", (80, 94), "married"), b.person("female", (66, 79), "married", in_law=True)
    )
    b.income_fen = 25_000
    b.dibao(wife)
    b.old_age_allowance(husband)


def payee_for_another(b: HouseholdBuilder) -> None:
    """A widowed mother who draws the subsidies of her severely disabled son."""
    mother = b.person("female", (70, 84), "widowed")
    son = b.person("male", (40, 55))
    b.tie(mother, son, "child")
    b.income_fen = 60_000
    b.dibao(mother)
    b.benefit("disability_living", son, mother)
    b.benefit("disability_nursing", son, mother)
    b.elder_card(mother)
    b.old_age_allowance(mother)


def dibao_with_minors(b: HouseholdBuilder) -> None:
    father, mother = b.couple((32, 45))
    for sex in ("male", "female"):
        child = b.person(sex, (4, 15))
        b.tie(father, child, "child")
        b.tie(mother, child, "child")
    b.income_fen = 210_000
    b.dibao(father)


def cared_for_at_home(b: HouseholdBuilder) -> None:
    """A very old widow with everything the eldercare service gives at home."""
    elder = b.person("female", (82, 97), "widowed")
    son = b.person("male", (50, 60), "divorced")
    b.tie(elder, son, "child")
    b.old_age_allowance(elder, son)
    b.subsidy("elder_service_subsidy", elder, son)
    b.bed(elder, family=True)
    b.visited(elder, 15)
    b.home_order(elder)
    b.home_order(elder)
    b.voucher(elder)
    b.meal_discount(elder)
    b.elder_card(elder)


def care_home_resident(b: HouseholdBuilder) -> None:
    """A person in extreme hardship (tekun) who lives in a care home."""
    elder = b.person("male", (72, 90))
    b.benefit("tekun", elder, elder)
    b.subsidy("elder_nursing_subsidy", elder)
    b.bed(elder)
    b.elder_card(elder)


def tekun_alone(b: HouseholdBuilder) -> None:
    elder = b.person(b.rng.choice(("male", "female")), (65, 88))
    b.benefit("tekun", elder, elder)
    b.visited(elder, 7)
    b.meal_discount(elder)
    b.elder_card(elder)


def dibao_single(b: HouseholdBuilder) -> None:
    """One person alone on dibao: the household ends with them."""
    elder = b.person(b.rng.choice(("male", "female")), (60, 85), "widowed")
    b.income_fen = 20_000
    b.dibao(elder)
    b.old_age_allowance(elder)
    b.elder_card(elder)
    b.visited(elder)


def edge_family(b: HouseholdBuilder) -> None:
    father, mother = b.couple((35, 50))
    child = b.person("female", (8, 17))
    b.tie(father, child, "child")
    b.tie(mother, child, "child")
    b.income_fen = 380_000
    b.holding("edge", b.persons, 0, father)


def rigid_family(b: HouseholdBuilder) -> None:
    """A family whose medical costs eat its income; one-off temporary help was given too."""
    father, mother = b.couple((40, 58))
    b.income_fen = 520_000
    b.holding("rigid", b.persons, 0, mother)
    b.benefit("temporary", father, father)


def orphan_with_grandparents(b: HouseholdBuilder) -> None:
    grandfather, grandmother = b.couple((62, 75))
    child = b.person(b.rng.choice(("male", "female")), (6, 15))
    b.tie(grandfather, child, "grandchild")
    b.tie(grandmother, child, "grandchild")
    b.benefit("orphan", child, grandmother)
    for elder in (grandfather, grandmother):
        b.elder_card(elder)


def unattended_child(b: HouseholdBuilder) -> None:
    """A grandmother who looks after a child whose parents cannot."""
    grandmother = b.person("female", (60, 74), "widowed")
    child = b.person(b.rng.choice(("male", "female")), (3, 14))
    b.tie(grandmother, child, "grandchild")
    b.benefit("unattended_child", child, grandmother)
    b.elder_card(grandmother)


def disabled_with_family(b: HouseholdBuilder) -> None:
    husband, wife = b.couple((38, 62))
    b.income_fen = 450_000
    b.benefit("disability_nursing", husband, husband)
    child = b.person("male", (10, 22))
    b.tie(husband, child, "child")
    b.tie(wife, child, "child")


def old_couple(b: HouseholdBuilder) -> None:
    for elder in b.couple((66, 90)):
        b.old_age_allowance(elder)
        b.elder_card(elder)
    b.income_fen = 600_000


def widowed_alone(b: HouseholdBuilder) -> None:
    elder = b.person(b.rng.choice(("male", "female")), (70, 101), "widowed")
    b.old_age_allowance(elder)
    b.elder_card(elder)
    b.visited(elder)
    b.income_fen = 250_000


def young_family(b: HouseholdBuilder) -> None:
    father, mother = b.couple((26, 44))
    child = b.person(b.rng.choice(("male", "female")), (0, 16))
    b.tie(father, child, "child")
    b.tie(mother, child, "child")
    b.income_fen = 1_100_000


def single_adult(b: HouseholdBuilder) -> None:
    b.person(b.rng.choice(("male", "female")), (22, 48))
    b.income_fen = 480_000


def three_generations(b: HouseholdBuilder) -> None:
    """Grandparents, their son with his wife, and a child."""
    grandfather, grandmother = b.couple((68, 82))
    son, daughter_in_law = b.couple((38, 48))
    child = b.person(b.rng.choice(("male", "female")), (5, 16))
    for parent in (grandfather, grandmother):
        b.tie(parent, son, "child")
        b.tie(parent, child, "grandchild")
        b.old_age_allowance(parent)
        b.elder_card(parent)
    for parent in (son, daughter_in_law):
        b.tie(parent, child, "child")
    b.income_fen = 900_000


# Every county gets one household of each shape first, in this order; the rest are drawn by weight.
SHAPES: dict[str, tuple[Shape, int]] = {
    shape.__name__: (shape, weight)
    for shape, weight in (
        (dibao_couple_payee_dies, 8), (dibao_couple, 10), (payee_for_another, 4), (dibao_with_minors, 5),
        (cared_for_at_home, 6), (care_home_resident, 4), (tekun_alone, 5), (dibao_single, 6), (edge_family, 4),
        (rigid_family, 3), (orphan_with_grandparents, 2), (unattended_child, 2), (disabled_with_family, 4),
        (old_couple, 10), (widowed_alone, 8), (young_family, 8), (single_adult, 4), (three_generations, 7),
    )
}  # fmt: skip
