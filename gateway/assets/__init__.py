"""The joint query of assets and what follows from it: who is entitled, what was answered, who looked, where to go.

`entitlement.py` and `estate_rules.py` are pure; the verbs stand in `gateway/procedures/`. What the sources answered
lies sealed in their deliveries (`gateway/exchange/asked.py`) and is opened only by `asset_list.py`, for a reader whose
look is kept in `asset_lookups`.
"""
