"""The faults that a catalogue may have, each as a change of the small catalogue.

`#HERE` marks the line that must be told; without it, that is the line with the text `at`, or the line where the
new piece begins.
"""

from typing import NamedTuple

HOLD = "    name: 暂缓\n    row: 9a\n"
SOURCES = """\
    sources:
      - department: {}
        name: 甲
        purpose: 查
        legal_basis: 法
        fields: [/deceased/{}]
"""
AGAIN = """\
      - {department: police, name: 乙, purpose: 查, legal_basis: 法, fields: [/deceased/name]} #HERE
"""


class Broken(NamedTuple):
    """What is replaced where, and the words that must be told."""

    what: str
    file: str
    old: str
    new: str
    told: str
    at: str = ""


CASES = [
    Broken("unknown field", "death", HOLD, f"{HOLD}    colour: red #HERE\n", "unknown field 'colour'"),
    Broken(
        "unknown field in a step", "death", "name: 暂缓}]", "name: 暂缓, x: 1}] #HERE", "unknown field 'x'"
    ),
    Broken(
        "missing field",
        "death",
        f"  - type: assistance.hold\n    owner: assistance\n{HOLD}",
        "  - type: assistance.hold #HERE\n    owner: assistance\n    row: 9a\n",
        "missing required field 'name'",
    ),
    Broken(
        "unknown owner",
        "death",
        "    owner: funeral\n",
        "    owner: undertaker #HERE\n",
        "owner 'undertaker'",
    ),
    Broken(
        "type of another owner",
        "death",
        "type: funeral.cremation\n",
        "type: burial.cremation #HERE\n",
        "begins with",
    ),
    Broken(
        "need of an unknown type",
        "death",
        "any: [assistance.stop], kind",
        "any: [assistance.stopp], kind",
        "needs the unknown procedure 'assistance.stopp'",
    ),
    Broken(
        "cycle over hard needs",
        "death",
        "    stage: declared\n    when",
        "    stage: declared\n    needs: [{any: [assistance.stop]}] #HERE\n    when",
        "health.certificate → assistance.stop → health.certificate",
    ),
    Broken(
        "cycle over undo_after",
        "death",
        "    undo: restore\n  - type: assistance.stop",
        "    undo: restore\n    undo_after: [assistance.stop] #HERE\n  - type: assistance.stop",
        "assistance.hold → assistance.stop → assistance.hold",
    ),
    Broken(
        "undo after an unknown type",
        "death",
        "undo_after: [assistance.hold]",
        "undo_after: [x.y] #HERE",
        "'x.y'",
    ),
    Broken(
        "condition on a missing field",
        "death",
        '{field: /deceased/cause, equals: abnormal}, unknown: "yes"}',
        '{field: /deceased/reason, equals: abnormal}, unknown: "yes"} #HERE',
        "the form lacks '/deceased/reason'",
    ),
    Broken(
        "condition on a missing choice",
        "death",
        'equals: abnormal}, unknown: "yes"}',
        'equals: strange}, unknown: "yes"} #HERE',
        "'strange' is not a choice",
    ),
    Broken(
        "predicate inside a condition",
        "death",
        '{negate: {field: /deceased/cause, equals: abnormal}, unknown: "yes"}',
        "{negate: {predicate: holds}} #HERE",
        "cannot be combined",
    ),
    Broken(
        "wish on a missing field",
        "death",
        "pointer: /wishes/remains, given: [cremation], refused: [burial]}",
        "pointer: /wishes/rest} #HERE",
        "the form lacks '/wishes/rest'",
    ),
    Broken(
        "wish for a missing choice", "death", "given: [cremation]", "given: [fire]", "'fire' is not a choice"
    ),
    Broken(
        "pointer of a missing field",
        "death",
        "fields: [/deceased/name, /deceased/id_number]",
        "fields: [/deceased/name, /deceased/number] #HERE",
        "the form lacks '/deceased/number'",
    ),
    Broken(
        "required_unless a missing sibling",
        "death",
        "required_unless: {id_kind: unknown}}",
        "required_unless: {kind: unknown}} #HERE",
        "no field 'kind'",
    ),
    Broken(
        "required_unless a missing choice",
        "death",
        "required_unless: {id_kind: unknown}}",
        "required_unless: {id_kind: nothing}} #HERE",
        "'nothing' is not a choice",
    ),
    Broken(
        "default that is no choice", "death", "default: unknown", "default: other", "not among the choices"
    ),
    Broken("unknown subject", "death", "subject: deceased", "subject: child #HERE", "no section 'child'"),
    Broken(
        "event at no instant",
        "death",
        "occurred_at: /deceased/died_at",
        "occurred_at: /deceased/name #HERE",
        "no instant",
    ),
    Broken(
        "a wait in working days",
        "death",
        "steps: [{id: suspend, name: 暂缓}]",
        "steps: [{id: suspend, name: 暂缓, not_before: {amount: 3, unit: WD, from: event}}] #HERE",
        "a wait counts calendar days or hours",
    ),
    Broken(
        "a department that waits",
        "death",
        "steps: [{id: answer, name: 答复, actor: department}]",
        "steps: [{id: answer, name: 答复, actor: department, not_before: {amount: 3, unit: CD, from: event}}] #HERE",
        "only a system step waits",
    ),
    Broken(
        "unreachable step",
        "death",
        "- {id: booked, name: 已约, to: burn}\n          ",
        "",
        "cannot be reached",
        at="      - id: burn",
    ),
    Broken(
        "step leads to an unknown one",
        "death",
        "name: 已约, to: burn}",
        "name: 已约, to: fire} #HERE",
        "no step 'fire'",
    ),
    Broken(
        "step after a system step unknown",
        "death",
        "{id: suspend, name: 暂缓}]",
        "{id: suspend, name: 暂缓, to: on}] #HERE",
        "no step 'on'",
    ),
    Broken(
        "step twice",
        "death",
        "      - id: burn\n",
        "      - id: book #HERE\n",
        "step 'book' stands here twice",
    ),
    Broken(
        "unknown role",
        "death",
        "        name: 预约\n        actor: funeral_home\n",
        "        name: 预约\n        actor: undertaker #HERE\n",
        "no role 'undertaker'",
    ),
    Broken(
        "point of no return is no step",
        "death",
        "point_of_no_return: burn",
        "point_of_no_return: fire #HERE",
        "no step",
    ),
    Broken(
        "type twice",
        "death",
        "  - type: assistance.stop\n",
        "  - type: assistance.hold #HERE\n",
        "stands here twice",
    ),
    Broken(
        "applied without wish",
        "death",
        "  - type: funeral.cremation\n",
        "  - type: funeral.cremation #HERE\n",
        "an applied row states its wish",
    ),
    Broken("ex officio with wish", "death", HOLD, f"{HOLD}    wish: by_report #HERE\n", "has no wish"),
    Broken("key twice", "death", HOLD, f"{HOLD}    row: 9b #HERE\n", "the key 'row' stands here twice"),
    Broken("row number unquoted", "death", 'row: "4"', "row: 4 #HERE", "put 4 in quotes"),
    Broken("octal", "death", 'row: "4"', "row: 010 #HERE", "change the type of 010"),
    Broken("no is false", "death", 'unknown: "yes"}', "unknown: no} #HERE", "change the type of no"),
    Broken("sexagesimal", "death", "title: 亲人去世", "title: 1:30 #HERE", "change the type of 1:30"),
    Broken(
        "limit of two kinds",
        "death",
        "{amount: 10, unit: CD, from: accepted}",
        "{amount: 10, unit: CD, from: accepted, none: x} #HERE",
        "a limit is",
    ),
    Broken("not YAML", "death", "version: 1\n", "version: 1\n} #HERE\n", "not well-formed YAML"),
    Broken(
        "department's row without purpose",
        "death",
        "    purpose: 核实死亡\n",
        "",
        "states its purpose",
        at="  - type: health.certificate",
    ),
    Broken(
        "department step elsewhere",
        "death",
        "{id: suspend, name: 暂缓}",
        "{id: suspend, name: 暂缓, actor: department}",
        "no other row has",
    ),
    Broken(
        "data that is no schema",
        "death",
        "ends: refused}",
        "ends: refused, data: {type: objekt}} #HERE",
        "JSON Schema",
    ),
    Broken(
        "data that requires what it lacks",
        "death",
        "ends: refused}",
        "ends: refused, data: {type: object, required: [why]}} #HERE",
        "requires 'why'",
    ),
    Broken(
        "evidence of an unknown row",
        "death",
        "confirmed_by: {health.certificate: [health]}",
        "confirmed_by: {health.paper: [health]} #HERE",
        "no procedure 'health.paper'",
    ),
    Broken(
        "evidence of an unknown department",
        "death",
        "confirmed_by: {health.certificate: [health]}",
        "confirmed_by: {health.certificate: [hospital]} #HERE",
        "no department 'hospital'",
    ),
    Broken(
        "sign of life of an unknown row",
        "death",
        "life_signs: [assistance.hold]",
        "life_signs: [a.b] #HERE",
        "'a.b'",
    ),
    Broken(
        "match on a missing field",
        "death",
        "matches: [name, id_number]",
        "matches: [name, face] #HERE",
        "'face'",
    ),
    Broken("department twice", "departments", "- id: police\n", "- id: health #HERE\n", "'health' is taken"),
    Broken(
        "department named as a service",
        "departments",
        "- id: police\n",
        "- id: funeral #HERE\n",
        "'funeral' is taken",
    ),
    Broken(
        "unknown kind of hold",
        "departments",
        "may_hold: [police]",
        "may_hold: [police, quarrel] #HERE",
        "'quarrel' is not one of 'police'",
    ),
    Broken(
        "row held by an unknown kind",
        "death",
        "held_by: [police]",
        "held_by: [quarrel] #HERE",
        "'quarrel' is not one of",
    ),
    Broken(
        "kind of hold that nobody may place",
        "death",
        "held_by: [police]",
        "held_by: [police, court] #HERE",
        "no department may place a court hold",
    ),
    Broken(
        "unknown source", "death", HOLD, f"{HOLD}{SOURCES.format('bank #HERE', 'name')}", "no department 'bank'",
    ),
    Broken(
        "source asked for what the form lacks", "death", HOLD, f"{HOLD}{SOURCES.format('police', 'phone')}",
        "the form lacks '/deceased/phone'", "/deceased/phone",
    ),
    Broken(
        "source asked twice", "death", HOLD, f"{HOLD}{SOURCES.format('police', 'name')}{AGAIN}",
        "'police' is asked twice",
    ),
    Broken(
        "source without purpose", "death", HOLD,
        f"{HOLD}    sources:\n{AGAIN.replace('purpose: 查, ', '')}", "missing required field 'purpose'",
    ),
]  # fmt: skip
