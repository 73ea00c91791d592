"""Reads people and what they hold from a file into five databases: whole households, provenance, errors by line.

    file or generator → lines → drafts → judged against what stands → staged in the gateway → handed to the owners

`docs/import-people.md` tells the file's columns; `docs/decisions/0016-regions-and-import.md` why it goes this way.
"""
