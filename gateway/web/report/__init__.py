"""Reporting a life event on the pages: first questions, then a task list, check answers, save and resume."""
