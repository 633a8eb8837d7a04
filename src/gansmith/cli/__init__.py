"""The doors: each verb parses what the user typed, calls a room below, and prints what came back."""
