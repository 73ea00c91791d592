"""What only the demo profile has (api.md): users, people, the clock, settling, simulated departments, messages."""
