"""The only words that services share: orders, outcomes, facts, acts, and the schema of the catalogue."""
