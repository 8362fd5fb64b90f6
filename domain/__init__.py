"""The words of the house: frozen data and tables of rules. Imports nothing of the house."""
