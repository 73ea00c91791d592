"""A catalogue small enough to break on purpose: one life event, two departments, one region."""

from pathlib import Path

DEATH = """\
id: death
name: 身后一件事
name_en: After a death
title: 亲人去世
version: 1
subject: deceased
occurred_at: /deceased/died_at
form:
  deceased:
    title: 逝者
    required: true
    fields:
      name: {type: name, title: 姓名, required: true}
      id_kind: {type: choice, title: 种类, choices: {resident_id: 身份证, unknown: 不清楚}}
      id_number: {type: id_number, title: 号码, required_unless: {id_kind: unknown}}
      died_at: {type: instant, title: 时间, required: true}
      cause: {type: choice, title: 死因, default: unknown, choices: {natural: 正常, abnormal: 非正常, unknown: 未知}}
  wishes:
    title: 意愿
    fields:
      remains: {type: choice, title: 方式, choices: {cremation: 火化, burial: 土葬}}
      memorial: {type: boolean, title: 纪念}
evidence:
  confirmed_by: {health.certificate: [health]}
  life_signs: [assistance.hold]
  matches: [name, id_number]
procedures:
  - type: health.certificate
    owner: health
    name: 医学证明
    row: "1"
    source: [R20]
    origin: ex_officio
    stage: declared
    when: {negate: {field: /deceased/cause, equals: abnormal}, unknown: "yes"}
    steps: [{id: answer, name: 答复, actor: department}]
    limit: {amount: 15, unit: WD, from: accepted}
    undo: annotate
    fields: [/deceased/name, /deceased/id_number]
    purpose: 核实死亡
    legal_basis: 国卫规划发〔2013〕57号
  - type: assistance.hold
    owner: assistance
    name: 暂缓
    row: 9a
    source: [R24]
    origin: ex_officio
    stage: declared
    steps: [{id: suspend, name: 暂缓}]
    limit: {none: 即时}
    undo: restore
  - type: assistance.stop
    owner: assistance
    name: 停发
    row: "9"
    source: [R24]
    origin: ex_officio
    needs: [{any: [health.certificate]}]
    steps:
      - id: stop
        name: 停发
        actor: county_supervisor
        level: county
        decisions: [{id: stop, name: 停发, ends: done}]
    limit: {none: 即时}
    undo: restore
    undo_after: [assistance.hold]
  - type: funeral.cremation
    owner: funeral
    name: 火化
    row: "4"
    source: [R22]
    origin: applied
    wish: {pointer: /wishes/remains, given: [cremation], refused: [burial]}
    needs: [{any: [health.certificate]}, {any: [assistance.stop], kind: soft}]
    held_by: [police]
    steps:
      - id: book
        name: 预约
        actor: funeral_home
        decisions:
          - {id: booked, name: 已约, to: burn}
          - {id: impossible, name: 不能, ends: refused}
      - id: burn
        name: 火化
        actor: funeral_home
        decisions:
          - {id: finish, name: 结束, ends: done}
    limit: {amount: 10, unit: CD, from: accepted}
    point_of_no_return: burn
    undo: none
    fields: [/deceased/name]
"""

DEPARTMENTS = """\
- id: health
  name: 卫生健康局
  name_en: Health
  silence: {amount: 5, unit: WD, from: step}
- id: police
  name: 公安局
  name_en: Police
  may_hold: [police]
  silence: {amount: 5, unit: WD, from: step}
"""

TAIZHOU = """\
code: "331000"
name: 台州市
name_en: Taizhou
plan: 规划
demo_county: "331022"
counties:
  - code: "331022"
    name: 三门县
    city: "331000"
    townships:
      - {code: "331022901000", name: 示范街道}
  - {code: "331081", name: 温岭市, city: "331000"}
delegations:
  - {procedure: assistance.stop, level: township, valid_from: "2021-01-01", regions: ["331022"]}
standards:
  - {id: dibao, amount_fen: 81000, published: 810 元/月, valid_from: "2020-01-01", standing: S}
  - {id: dibao, amount_fen: 90000, published: 900 元/月, valid_from: "2023-07-01", standing: demo}
  - {id: dibao, amount_fen: 95000, published: 950 元/月, valid_from: "2023-07-01", standing: demo, regions: ["331081"]}
multipliers:
  - {id: edge_line, percent: 150, valid_from: "2020-09-24", standing: F, source: R02}
promises:
  - {procedure: health.certificate, limit: {amount: 5, unit: WD, from: accepted}, valid_from: "2026-07-01", source: R20}
basic_services:
  - {item: cremation, valid_from: "2021-01-01", source: FN-013}
free_items:
  - {item: cremation, classes: [any_death_here], valid_from: "2021-01-01", source: FN-012}
eco_awards:
  - {kind: sea, amount_fen: 600000, mode: after_death, valid_from: "2021-01-01", source: R22}
bereavements:
  - {who: five_old, months: 6, valid_from: "2021-01-01", source: FN-024}
quiet_periods:
  - {limit: {amount: 30, unit: CD, from: event}, valid_from: "2021-01-01", source: D}
switches:
  - {procedure: funeral.cremation, on: false, valid_from: "2020-01-01"}
  - {procedure: funeral.cremation, on: true, valid_from: "2024-01-01", regions: ["331022"]}
"""

FILES = {
    "life_events/death.yaml": DEATH,
    "departments.yaml": DEPARTMENTS,
    "regions/331000-taizhou.yaml": TAIZHOU,
}


def write_catalogue(parent: Path, **changed: str) -> Path:
    """The folder of the small catalogue; `changed` replaces whole files by name (`death`, `departments`, `taizhou`)."""
    names = {
        "death": "life_events/death.yaml",
        "departments": "departments.yaml",
        "taizhou": "regions/331000-taizhou.yaml",
    }
    contents = {**FILES, **{names[name]: text for name, text in changed.items()}}
    folder = parent / "catalog"
    for name, text in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
