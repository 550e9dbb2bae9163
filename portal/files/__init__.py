"""Uploads: what may come in, how it is cleaned, how it is handed out again."""
