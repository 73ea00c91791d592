"""Departments: their orders as deliveries, pushed in lists or pulled, their answers, their own reports and holds.

The exchange is the owner's side in place of each department (design 1): writing the delivery row answers the order
(open), the department's answer is the act, its `done` the point of no return. Wiring stands in `exchange.py`.
"""
