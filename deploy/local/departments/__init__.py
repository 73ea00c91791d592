"""The simulated departments: an HTTP service like theirs, with a register of invented people and six moods.

`app.py` is what they serve, `register_answers.py` what they know, `simulator.py` how they behave, `gateway_client.py`
how they speak to us. Only the public contract (api.md) is used.
"""
