"""The only place that sends messages to people (design 9). Kept sealed; shown to nobody but the demo and auditors."""
