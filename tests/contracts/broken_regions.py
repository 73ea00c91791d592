"""The faults that a region file may have; see `broken_catalogues`."""

from tests.contracts.broken_catalogues import Broken

REGION_CASES = [
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
