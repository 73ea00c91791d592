"""What any public authority's software needs. Knows no life event (design 3)."""
