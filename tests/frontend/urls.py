"""Addresses of the gallery's own little server."""

from django.urls import include, path

urlpatterns = [path("", include("schoolsafe.gallery"))]
