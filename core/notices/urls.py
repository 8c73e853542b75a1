"""Addresses of one's own inbox, and of the state of email for those who set the school up."""

from django.urls import path

from core.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.ShowInboxView.as_view(), name="inbox"),
    path("count/", views.CountUnreadView.as_view(), name="count"),
    path("preferences/", views.SetPreferencesView.as_view(), name="preferences"),
    path("email/", views.CheckEmailView.as_view(), name="email"),
    path("<int:notice>/", views.ShowNoticeView.as_view(), name="notice"),
    path("<int:notice>/acknowledge/", views.AcknowledgeNoticeView.as_view(), name="acknowledge"),
]
