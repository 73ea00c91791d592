"""What proves the event of a case at this moment, as owners are told it (`contracts.orders.Evidence`). Pure."""

from collections.abc import Mapping

from contracts.orders import Evidence
from gateway.cases.planner.model import FINAL, Case, CaseStatus, Row, RowState


def proofs(case: Case, newest: Mapping[str, Row] | None = None) -> tuple[Evidence, ...]:
    """The evidence rows that are done, in the catalogue's order.

    None while the identity is doubted, a revocation waits for its signature, or all is undone.

    `newest`: the newest row of each type, when the caller has them at hand. A proof of an abnormal death is the paper
    with which the police set the body free, unless it says otherwise (`released: false`; docs/decisions/0009).
    """
    undone = case.status is CaseStatus.REVOKING or case.status in FINAL
    if undone or case.doubted or case.signing is not None:
        return ()
    rows = newest_rows(case) if newest is None else newest
    return tuple(
        Evidence(type=kind, version=max(1, row.outcome_version), released=row.body_released is not False)
        for kind in case.event.evidence.confirmed_by
        if (row := rows.get(kind)) and row.state is RowState.DONE
    )


def newest_rows(case: Case) -> dict[str, Row]:
    """The row of the newest round of each evidence type."""
    kinds = case.event.evidence.confirmed_by
    mine = sorted((row for row in case.rows if row.type in kinds), key=lambda row: row.round)
    return {row.type: row for row in mine}
