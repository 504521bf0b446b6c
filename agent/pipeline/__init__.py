"""One call: one file a stage, and `pipeline.py`, where the stages stand in one readable list."""
