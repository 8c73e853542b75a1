"""Addresses of roll."""

from django.urls import path

from core.roll.views import acting, applied, bringing_in, do_not_inform, preview

app_name = "roll"
urlpatterns = [
    path("", bringing_in.ListImportsView.as_view(), name="list"),
    path("bring-in/", bringing_in.UploadListsView.as_view(), name="start"),
    path("do-not-inform/", do_not_inform.ConfirmDoNotInformView.as_view(), name="confirm-do-not-inform"),
    path("<int:roll_import>/match/", bringing_in.MatchColumnsView.as_view(), name="match"),
    path("<int:roll_import>/preview/", preview.PreviewImportView.as_view(), name="preview"),
    path("<int:roll_import>/preview-again/", acting.RefreshPreviewView.as_view(), name="refresh"),
    path("<int:roll_import>/problems/", applied.DownloadProblemsView.as_view(), name="problems"),
    path("<int:roll_import>/cancel/", acting.CancelImportView.as_view(), name="cancel"),
    path("<int:roll_import>/progress/", applied.ProgressView.as_view(), name="progress"),
    path("<int:roll_import>/go-on/", acting.ResumeImportView.as_view(), name="resume"),
    path("<int:roll_import>/result/", applied.ResultView.as_view(), name="result"),
    path("<int:roll_import>/undo/", applied.UndoImportView.as_view(), name="undo"),
]
