"""Addresses of issuing to many, of signatures that are missing, and what is done about them."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import batches, joining, outstanding, printing

urlpatterns: list[URLPattern] = [
    path("many/", batches.BatchesView.as_view(), name="batches"),
    path("many/issue/", batches.IssueManyView.as_view(), name="issue-many"),
    path("many/<int:batch>/", batches.BatchView.as_view(), name="batch"),
    path("many/<int:batch>/stop/", batches.StopBatchView.as_view(), name="stop-issuing"),
    path("many/<int:batch>/go-on/", batches.GoOnBatchView.as_view(), name="go-on-issuing"),
    path("print/", printing.PrintManyView.as_view(), name="print-many"),
    path("print/<int:print_run>/", printing.PrintRunView.as_view(), name="print-run"),
    path("print/<int:print_run>.pdf", printing.PrintRunFileView.as_view(), name="print-run-pdf"),
    path("joining/", joining.JoiningView.as_view(), name="joining"),
    path("outstanding/", outstanding.OutstandingView.as_view(), name="outstanding"),
    path("outstanding/<int:signatory>/call/", outstanding.RecordCallView.as_view(), name="record-call"),
]
