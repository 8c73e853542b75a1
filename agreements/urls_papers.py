"""Addresses of documents made from agreements."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import papers, scans

urlpatterns: list[URLPattern] = [
    path("<int:agreement>/documents/", papers.ShowDocumentsView.as_view(), name="documents"),
    path("<int:agreement>/to-sign.pdf", papers.BlankCopyView.as_view(), name="blank-copy"),
    path("documents/<int:document>.pdf", papers.DownloadDocumentView.as_view(), name="document-pdf"),
    path("documents/jobs/<int:document_job>/again/", papers.TryDocumentAgainView.as_view(), name="try-document-again"),
    path("on-paper/<int:signatory>/scan/", scans.AddScanView.as_view(), name="add-scan"),
    path("scans/<int:paper_scan>.pdf", scans.DownloadScanView.as_view(), name="scan-pdf"),
    path("verify/", papers.VerifyView.as_view(), name="verify"),
]
