"""Every address of the site. Inside a school, addresses start with the school."""

from django.conf import settings
from django.urls import include, path

from schoolsafe import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("devices.urls_root")),
    path("", include("core.people.urls_session")),
    path("account/", include("allauth.urls")),
    path("<slug:school>/people/", include("core.people.urls")),
    path("<slug:school>/rules/", include("core.rules.urls")),
    path("<slug:school>/roll/", include("core.roll.urls")),
    path("<slug:school>/inbox/", include("core.notices.urls")),
    path("<slug:school>/policies/", include("policies.urls")),
    path("<slug:school>/agreements/", include("agreements.urls")),
    path("<slug:school>/devices/", include("devices.urls")),
    path("<slug:school>/incidents/", include("incidents.urls")),
    path("<slug:school>/", include("schoolsafe.overview.urls")),
]

if settings.DEBUG:  # the component gallery; never in production
    urlpatterns.insert(0, path("", include("schoolsafe.gallery")))
