"""The gateway's own procedures, run by casework on the gateway's database."""

from casework.registry import Procedures
from gateway.procedures import asset_query, estate_guide, proof_of_relation

PROCEDURES = Procedures(
    "gateway",
    modules={
        "gateway.proof_of_relation": proof_of_relation,
        "gateway.asset_query": asset_query,
        "gateway.estate_guide": estate_guide,
    },
)

__all__ = ["PROCEDURES"]
