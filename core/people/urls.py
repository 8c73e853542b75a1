"""Addresses of pages about people, inside a school."""

from django.urls import URLPattern

app_name = "people"
urlpatterns: list[URLPattern] = []
