"""What a person holds in elder care, and the rules of pausing, stopping, correcting and restoring it. Pure; fen."""
