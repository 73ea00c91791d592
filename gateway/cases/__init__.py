"""Cases: report, plan, board, tasks."""
