"""The ground floor: what every feature app stands on. Nothing here imports a feature."""
