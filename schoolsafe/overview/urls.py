"""Addresses of the pages that compose the features."""

from django.urls import path

from schoolsafe.overview import views

app_name = "overview"
urlpatterns = [path("", views.HomeView.as_view(), name="home")]
