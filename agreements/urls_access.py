"""Addresses of who has acknowledged what, and who is let into which system."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import access_register as views
from agreements.views import mine, promises

urlpatterns: list[URLPattern] = [
    path("mine/", mine.MineView.as_view(), name="mine"),
    path("access/", views.AccessView.as_view(), name="access"),
    path("access/print/", views.AccessPaperView.as_view(), name="access-paper"),
    path("access/list/", views.AccessListView.as_view(), name="access-list"),
    path("access/systems/", views.SystemsView.as_view(), name="systems"),
    path("access/systems/<int:system>/end/", views.EndSystemView.as_view(), name="end-system"),
    path("access/staff/", views.GrantStaffView.as_view(), name="grant-staff"),
    path("access/forms/<int:form>/", views.GrantFormView.as_view(), name="grant-form"),
    path("access/pupils/<int:pupil>/", views.GrantPupilView.as_view(), name="grant-pupil"),
    path("access/<int:access>/", views.GrantedView.as_view(), name="granted"),
    path("access/<int:access>/suspend/", views.SuspendAccessView.as_view(), name="suspend-access"),
    path("access/<int:access>/resume/", views.ResumeAccessView.as_view(), name="resume-access"),
    path("access/<int:access>/end/", views.EndAccessView.as_view(), name="end-access"),
    path("undertaken/<int:pupil>/", promises.UndertakenView.as_view(), name="undertaken"),
    path("undertaken/<int:pupil>/promise/", promises.PromiseView.as_view(), name="promise"),
    path("undertaken/<int:pupil>/<int:promise>/end/", promises.EndPromiseView.as_view(), name="end-promise"),
]
