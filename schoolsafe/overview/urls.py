"""Addresses of the pages that compose the features."""

from django.urls import path

from schoolsafe.overview import views

app_name = "overview"
urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("find/", views.FindPupilView.as_view(), name="find"),
    path("tell-dsl/", views.TellDslView.as_view(), name="tell-dsl"),
    path("record/", views.ShowRecordView.as_view(), name="record"),
    path("record/export/", views.ExportRecordView.as_view(), name="record-export"),
    path("record/<int:entry>/", views.ShowEntryView.as_view(), name="record-entry"),
]
