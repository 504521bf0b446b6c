"""Companies whose hotlines can be served: one folder each."""
