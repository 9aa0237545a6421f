"""The pages, one file each, as `geo.ui.navigation` declares them to Streamlit."""
