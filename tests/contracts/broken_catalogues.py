"""The faults that a catalogue may have, each as a change of the small catalogue.

`#HERE` marks the line that must be told; without it, that is the line with the text `at`, or the line where the
new piece begins.
"""

from typing import NamedTuple

HOLD = "    name: 暂缓\n    row: 9a\n"
CREMATION = '    name: 火化\n    row: "4"\n'
FIRST_COUNTY = '  - code: "331022"\n    name: 三门县\n    city: "331000"\n'


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
        "date object",
        "taizhou",
        'valid_from: "2020-09-24"',
        "valid_from: 2020-09-24",
        "change the type of 2020-09-24",
    ),
    Broken(
        "code unquoted",
        "taizhou",
        'demo_county: "331022"',
        "demo_county: 331022 #HERE",
        "put 331022 in quotes",
    ),
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
        "promise longer than the limit",
        "taizhou",
        "limit: {amount: 5, unit: WD, from: accepted}",
        "limit: {amount: 1, unit: month, from: accepted}",
        "only shorten",
    ),
    Broken(
        "promise from another moment",
        "taizhou",
        "limit: {amount: 5, unit: WD, from: accepted}",
        "limit: {amount: 5, unit: WD, from: event}",
        "another moment",
    ),
    Broken(
        "promise for an unknown row",
        "taizhou",
        "{procedure: health.certificate",
        "{procedure: health.paper",
        "'health.paper'",
    ),
    Broken(
        "two standards at once",
        "taizhou",
        'valid_from: "2023-07-01", standing: demo}',
        'valid_from: "2020-01-01", standing: demo} #HERE',
        "stands twice for one place and one date",
    ),
    Broken("date that does not exist", "taizhou", '"2020-09-24"', '"2020-09-31"', "a date is written"),
    Broken(
        "scope outside the region",
        "taizhou",
        'regions: ["331081"]',
        'regions: ["330100"]',
        "no region '330100'",
    ),
    Broken(
        "county outside its city", "taizhou", '{code: "331081"', '{code: "331181"', "not inside its city's"
    ),
    Broken("unknown city", "taizhou", '温岭市, city: "331000"', '温岭市, city: "331100"', "no city '331100'"),
    Broken(
        "township outside its county", "taizhou", "331022901000", "331081901000", "not inside its county's"
    ),
    Broken("code twice", "taizhou", '{code: "331081"', '{code: "331022"', "'331022' stands in"),
    Broken(
        "demo county elsewhere",
        "taizhou",
        'demo_county: "331022"',
        'demo_county: "331023" #HERE',
        "demo county",
    ),
    Broken(
        "power over a step that no office decides",
        "taizhou",
        'valid_from: "2021-01-01", regions: ["331022"]}',
        'valid_from: "2021-01-01", regions: ["331022"], steps: [burn]} #HERE',
        "'burn' is no step that a township or county decides",
    ),
    Broken(
        "power over the system's own row",
        "taizhou",
        "{procedure: assistance.stop, level: township",
        "{procedure: assistance.hold, level: township",
        "no office decides a step of 'assistance.hold'",
    ),
    Broken(
        "evidence switched off",
        "taizhou",
        "{procedure: funeral.cremation, on: false",
        "{procedure: health.certificate, on: false",
        "confirms the event and cannot be switched off",
    ),
    Broken(
        "free item that the place does not offer",
        "taizhou",
        "{item: cremation, classes",
        "{item: urn, classes",
        "'urn' is not among the basic services",
    ),
    Broken(
        "free item twice",
        "taizhou",
        "free_items:\n",
        'free_items:\n  - {item: cremation, classes: [any_death_here, poor], valid_from: "2021-01-01", source: x}\n',
        "'cremation' stands twice for one class and one date",
        at="  - {item: cremation, classes: [any_death_here], valid_from",
    ),
    Broken(
        "award below nothing",
        "taizhou",
        "amount_fen: 600000, mode",
        "amount_fen: -1, mode",
        "greater than or equal",
    ),
    Broken(
        "award twice",
        "taizhou",
        "bereavements:\n",
        '  - {kind: sea, amount_fen: 1, mode: after_death, valid_from: "2021-01-01", source: x} #HERE\nbereavements:\n',
        "'sea' stands twice",
    ),
    Broken("months of nobody honoured", "taizhou", "who: five_old,", "who: five_young,", "five_old_spouse"),
    Broken(
        "two quiet periods at once",
        "taizhou",
        "switches:\n",
        '  - {limit: {amount: 9, unit: CD, from: event}, valid_from: "2021-01-01", source: D} #HERE\nswitches:\n',
        "'quiet_periods' stands twice",
    ),
    Broken(
        "date of an award that does not exist",
        "taizhou",
        'mode: after_death, valid_from: "2021-01-01"',
        'mode: after_death, valid_from: "2021-02-30"',
        "a date is written",
    ),
    Broken(
        "a county's file with another county",
        "taizhou",
        'code: "331000"',
        'code: "331022"',
        "a county's own file holds that county alone",
        at="counties:\n",
    ),
]
