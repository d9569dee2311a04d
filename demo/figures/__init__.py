"""Figures: data frames in, Plotly figures out."""
