import streamlit as st

st.title("venues")
