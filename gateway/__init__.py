"""The gateway: the one window. Owns cases, the board, people's register, exchange and pages.

Takes reports, decisions and departments' answers; orders each owner; answers `outcomes`; publishes the
facts `life` and `identity`.
"""
