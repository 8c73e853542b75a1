"""Addresses of reports and cases."""

app_name = "incidents"

urlpatterns: list[object] = []
