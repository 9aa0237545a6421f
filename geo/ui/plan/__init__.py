"""The pieces of the pages that work for a roster: people, questions, a running plan, answers."""
