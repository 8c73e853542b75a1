"""Addresses of roll."""

from django.urls import path

from core.roll import views

app_name = "roll"
urlpatterns = [
    path("", views.ListImportsView.as_view(), name="list"),
    path("bring-in/", views.UploadListsView.as_view(), name="start"),
    path("do-not-inform/", views.ConfirmDoNotInformView.as_view(), name="confirm-do-not-inform"),
    path("<int:roll_import>/match/", views.MatchColumnsView.as_view(), name="match"),
    path("<int:roll_import>/preview/", views.PreviewImportView.as_view(), name="preview"),
    path("<int:roll_import>/preview-again/", views.RefreshPreviewView.as_view(), name="refresh"),
    path("<int:roll_import>/problems/", views.DownloadProblemsView.as_view(), name="problems"),
    path("<int:roll_import>/cancel/", views.CancelImportView.as_view(), name="cancel"),
    path("<int:roll_import>/progress/", views.ProgressView.as_view(), name="progress"),
    path("<int:roll_import>/go-on/", views.ResumeImportView.as_view(), name="resume"),
    path("<int:roll_import>/result/", views.ResultView.as_view(), name="result"),
    path("<int:roll_import>/undo/", views.UndoImportView.as_view(), name="undo"),
]
