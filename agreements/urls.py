"""Addresses of the app, by subject."""

from agreements import (
    urls_access,
    urls_batches,
    urls_conduct,
    urls_consent,
    urls_issued,
    urls_papers,
    urls_signing,
    urls_templates,
)

app_name = "agreements"

urlpatterns = [
    *urls_issued.urlpatterns,
    *urls_batches.urlpatterns,
    *urls_templates.urlpatterns,
    *urls_papers.urlpatterns,
    *urls_signing.urlpatterns,
    *urls_consent.urlpatterns,
    *urls_conduct.urlpatterns,
    *urls_access.urlpatterns,
]
