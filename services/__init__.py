"""Our four services. None imports another or the gateway (import-linter)."""
