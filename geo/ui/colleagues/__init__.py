"""Colleagues as pages show them: seen by mutual consent, as areas and bands, and asked to meet."""
