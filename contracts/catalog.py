"""The schema of `catalog/`: what is linked to what, as validated data (design 4).

Models only. `contracts.catalog_files` reads the YAML with file and line of each fault,
`contracts.conditions` evaluates conditions and wishes, `contracts.forms` turns a form into JSON Schema.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from contracts.terms import Frozen, HoldKind, Limit, LimitUnit, Step, Terms, UndoKind

Accept = Literal["done", "not_applicable"]


class Need(Frozen):
    """A group of predecessors: one of `any` must end in an accepted state (life-events G2)."""

    any: tuple[str, ...] = Field(min_length=1)
    kind: Literal["hard", "soft"] = "hard"
    accept: tuple[Accept, ...] = ("done",)


class Condition(Frozen):
    """A three-valued condition: a test on one form field, a combination, or the owner's predicate.

    Exactly one of `field` (with one of `equals`, `one_of`, `present`), `all_of`, `any_of`, `negate`,
    `predicate`. A field test on a missing value is unknown (neither true nor false).
    """

    field: str | None = None
    equals: Any = None
    one_of: tuple[Any, ...] | None = None
    present: bool | None = None
    all_of: tuple["Condition", ...] | None = None
    any_of: tuple["Condition", ...] | None = None
    negate: "Condition | None" = None
    predicate: str | None = None
    unknown: Literal["wait", "yes", "no"] = "wait"

    @model_validator(mode="after")
    def _exactly_one(self) -> "Condition":
        ways = [self.field, self.all_of, self.any_of, self.negate, self.predicate]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("a condition has exactly one of field, all_of, any_of, negate, predicate")
        if self.field is not None:
            tests = [self.equals is not None, self.one_of is not None, self.present is not None]
            if sum(tests) != 1:
                raise ValueError("a field test has exactly one of equals, one_of, present")
        return self


class Wish(Frozen):
    """Where the family's wish for an applied row stands in the form.

    `pointer` none: the form never carries it, so the row is offered. `given` none: any value that is
    neither refused nor undecided. A missing or undecided value leaves the row offered.
    """

    pointer: str | None = None
    given: tuple[Any, ...] | None = None
    refused: tuple[Any, ...] = (False,)
    undecided: tuple[Any, ...] = ()


class Lapse(Frozen):
    """When an unanswered offer lapses, counted from the offer."""

    amount: int = Field(gt=0)
    unit: LimitUnit


class Source(Frozen):
    """A register that a row asks by a request of its own, with the least that the question needs (R28, R72)."""

    department: str
    name: str = Field(min_length=1, description="what is asked for, in Chinese: 不动产")
    purpose: str = Field(min_length=1)
    legal_basis: str = Field(min_length=1)
    fields: tuple[str, ...] = Field(min_length=1)


class ProcedureRow(Frozen):
    """One linked procedure of a life event (design 4 gives the meaning of each key)."""

    type: str
    owner: str
    name: str
    name_en: str = ""
    row: str
    source: tuple[str, ...] = Field(min_length=1, description="rules and requirement rows: R24, FN-001")
    origin: Literal["ex_officio", "applied"]
    stage: Literal["declared", "confirmed"] = "confirmed"
    wish: Wish | Literal["by_report"] | None = None
    offer_lapses: Lapse | Literal["none"] = "none"
    needs: tuple[Need, ...] = ()
    held_by: tuple[HoldKind, ...] = ()
    when: Condition | None = None
    competent_at: Literal["hukou", "residence", "place_of_event", "insured_place", "acceptance"] = (
        "acceptance"
    )
    steps: tuple[Step, ...] = Field(min_length=1)
    limit: Limit
    point_of_no_return: str | None = None
    undo: UndoKind
    undo_after: tuple[str, ...] = ()
    money: bool = Field(default=False, description="moves money or insurance: undone first in its queue")
    fields: tuple[str, ...] = ()
    purpose: str = ""
    legal_basis: str = ""
    sources: tuple[Source, ...] = ()
    tells: tuple[str, ...] = ()

    def request_type(self, source: Source) -> str:
        """The type under which that source is asked: `real_estate.asset_query`."""
        return f"{source.department}.{self.type.partition('.')[2]}"

    @cached_property
    def terms(self) -> Terms:
        """What travels to the owner with the order that opens the row; made once, for plans are kept and shared."""
        predicate = self.when.predicate if self.when else None
        return Terms(
            name=self.name,
            origin=self.origin,
            stage=self.stage,
            steps=self.steps,
            limit=self.limit,
            undo=self.undo,
            point_of_no_return=self.point_of_no_return,
            predicate=predicate,
            unknown=self.when.unknown if self.when else "wait",
            held_by=self.held_by,
        )

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As Pydantic's, but the copy makes its own terms: Pydantic would hand on those of the values replaced."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("terms", None)
        return copied


class FormField(Frozen):
    """One question: type, Chinese title and help, and where a prefilled value comes from."""

    type: Literal[
        "string",
        "name",
        "id_number",
        "phone",
        "bank_account",
        "date",
        "instant",
        "boolean",
        "region",
        "choice",
        "choices",
        "certificate_no",
    ]
    title: str
    title_en: str = ""
    help: str = ""
    required: bool = False
    required_unless: dict[str, str] | None = Field(default=None, description="{sibling field: value}")
    choices: dict[str, str] | None = Field(default=None, description="code → Chinese label")
    default: Any = None
    source: str | None = None
    max_length: int = 200
    anywhere: bool = Field(default=False, description="a region that this platform need not serve")
    asked: Literal["first", "details", "never"] = "details"


class FormSection(Frozen):
    """A group of questions under one name; `many` makes it a list."""

    title: str
    title_en: str = ""
    help: str = ""
    many: bool = False
    most: int = 20
    required: bool = False
    fields: dict[str, FormField] = Field(min_length=1)


class Material(Frozen):
    """A paper that may be asked for, and why it usually is not (SA-039)."""

    id: str
    name: str
    required: bool = False
    fetched_from: str | None = None


class Evidence(Frozen):
    """What confirms a declared life event, and what casts doubt on it (design 4).

    `confirmed_by` maps a row to the department whose own report makes that row done at once;
    `life_signs` are the rows whose result tells the person's last sign of life. `matches` are the subject's answers
    that must agree with what the issuer knows. `papers` point to answers about the certificate itself: another one of
    these (a reissue) tells those who use it and opens nothing that a person has signed.
    """

    confirmed_by: dict[str, tuple[str, ...]] = Field(min_length=1)
    life_signs: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()


class ManualPath(Frozen):
    """A special case that a person works (R29): never a dead end, never a silent wait.

    `when` reads the form; unknown counts as no unless it says otherwise. `not_for`: rows that have no object here.
    `waits`: rows that start only once a person lets the case go on. `proves`: the evidence row that this decision makes
    done, for a proof that no issuer here gives (a death abroad).
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    name_en: str
    source: tuple[str, ...] = Field(min_length=1)
    when: Condition
    not_for: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    proves: str | None = None


class LifeEvent(Frozen):
    """One life event: its form, its evidence and every procedure it opens."""

    id: Literal["death", "marriage", "divorce", "birth", "hardship", "elder_care", "disability"]
    name: str
    name_en: str
    title: str
    version: int = Field(gt=0)
    subject: str = Field(description="form section of the person whom the event is about")
    occurred_at: str = Field(description="pointer to the instant of the event")
    form: dict[str, FormSection]
    materials: tuple[Material, ...] = ()
    evidence: Evidence
    manual_paths: tuple[ManualPath, ...] = ()
    procedures: tuple[ProcedureRow, ...] = Field(min_length=1)

    def row(self, procedure_type: str) -> ProcedureRow:
        """The row of that type; KeyError when the event has none."""
        for row in self.procedures:
            if row.type == procedure_type:
                return row
        raise KeyError(procedure_type)

    def request(self, request_type: str) -> "ProcedureRow | Source":
        """What a department is asked under that type: its own row, or as a source of another's; KeyError for none."""
        for row in self.procedures:
            for source in row.sources:
                if row.request_type(source) == request_type:
                    return source
        return self.row(request_type)

    def question(self, pointer: str) -> FormField | FormSection | None:
        """What `/section` or `/section/field` of the form asks; None when the form lacks it.

        The answers of a section with `many` are reached as a whole list only.
        """
        parts = pointer.split("/")
        if len(parts) not in (2, 3) or parts[0] != "" or parts[1] not in self.form:
            return None
        section = self.form[parts[1]]
        if len(parts) == 2:
            return section
        return None if section.many else section.fields.get(parts[2])


class Department(Frozen):
    """A co-handling department, with former names (GX-010), how it is reached and which holds it may place."""

    id: str
    name: str
    name_en: str
    aliases: tuple[str, ...] = ()
    valid_from: str | None = None
    reached_by: Literal["push", "pull"] = "push"
    may_hold: tuple[HoldKind, ...] = ()
    silence: Limit
