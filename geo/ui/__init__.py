"""The app: the only code that imports Streamlit."""

from pathlib import Path

MAIN = Path(__file__).parent / "main.py"
"""The script that Streamlit runs for each visitor."""
