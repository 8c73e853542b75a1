"""The one address of this app outside any school."""

from django.urls import path

from devices.views import offline

urlpatterns = [path("sw.js", offline.service_worker, name="service-worker")]
