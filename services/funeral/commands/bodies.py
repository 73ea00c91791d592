"""Bodies: tagged, kept, gone. And the numbers that homes give."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.funeral.commands.effects import Rulings, of_kind
from services.funeral.domain.effects import Keep, Leave, NotExpected, Number, Tag
from services.funeral.problems import TagTaken

_NUMBER = text(
    """INSERT INTO numbers (home, series, year, last)
       SELECT * FROM unnest(CAST(:homes AS uuid[]), CAST(:series AS text[]), CAST(:years AS integer[]),
                            CAST(:numbers AS integer[]))
       ON CONFLICT (home, series, year) DO UPDATE SET last = greatest(numbers.last, excluded.last)"""
)
_UNTAG = text(
    """UPDATE bodies SET left_at = :at, left_to = 'not_brought'
        WHERE case_id = ANY(CAST(:cases AS uuid[])) AND left_at IS NULL AND kept_from IS NULL"""
)
_TAG = text(
    """INSERT INTO bodies (id, case_id, subject, home, tag, tagged_at)
       SELECT id, case_id, subject, home, tag, :at
         FROM unnest(CAST(:ids AS uuid[]), CAST(:cases AS uuid[]), CAST(:subjects AS uuid[]), CAST(:homes AS uuid[]),
              CAST(:tags AS text[])) AS new(id, case_id, subject, home, tag)
       ON CONFLICT (home, tag) DO NOTHING RETURNING id"""
)
_KEEP = text(
    """UPDATE bodies b SET kept_from = :at, place_kept = new.place
         FROM unnest(CAST(:cases AS uuid[]), CAST(:places AS text[])) AS new(case_id, place)
        WHERE b.case_id = new.case_id AND b.left_at IS NULL"""
)
_LEAVE = text(
    """UPDATE bodies b SET kept_until = coalesce(b.kept_until, :at), left_to = new.goes_to,
              left_at = CASE WHEN new.gone THEN CAST(:at AS timestamptz) END
         FROM unnest(CAST(:cases AS uuid[]), CAST(:tos AS text[]), CAST(:lefts AS boolean[]))
              AS new(case_id, goes_to, gone)
        WHERE b.case_id = new.case_id AND b.left_at IS NULL"""
)


async def apply_bodies(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Numbers given, tags lost and given, bodies kept and gone, in this order. Raises TagTaken."""
    await give_numbers(rulings, tx=tx)
    tagged = of_kind(rulings, Tag)
    lost = [procedure.case for procedure, _ in (*of_kind(rulings, NotExpected), *tagged)]
    if lost:
        await tx.execute(_UNTAG, {"cases": sorted(lost), "at": at})
    if tagged:
        columns = {
            "ids": [uuid4() for _ in tagged],
            "cases": [procedure.case for procedure, _ in tagged],
            "subjects": [procedure.subject for procedure, _ in tagged],
            "homes": [effect.home for _, effect in tagged],
            "tags": [effect.tag for _, effect in tagged],
        }
        if len((await tx.execute(_TAG, {**columns, "at": at})).all()) < len(tagged):
            raise TagTaken()
    kept = of_kind(rulings, Keep)
    if kept:
        places = [effect.place for _, effect in kept]
        await tx.execute(_KEEP, {"cases": [p.case for p, _ in kept], "places": places, "at": at})
    left = of_kind(rulings, Leave)
    if left:
        tos, lefts = [effect.to for _, effect in left], [effect.left for _, effect in left]
        await tx.execute(_LEAVE, {"cases": [p.case for p, _ in left], "tos": tos, "lefts": lefts, "at": at})


async def give_numbers(rulings: Rulings, *, tx: Transaction) -> None:
    """Remember the last number of each series."""
    given = [effect.numbering for _, effect in of_kind(rulings, Number)]
    if given:
        columns = {
            "homes": [each.home.id for each in given], "series": [each.series for each in given],
            "years": [each.year for each in given], "numbers": [each.number for each in given],
        }  # fmt: skip
        await tx.execute(_NUMBER, columns)
