"""Visitors: visits, permissions for their devices, challenges, notices, events."""
