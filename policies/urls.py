"""Addresses of policy documents and acknowledgements."""

from django.urls import path

from policies.views import learning, readers

app_name = "policies"

_VERSION = "documents/versions/<int:document_version>/"

urlpatterns = [
    path("improvements/", learning.ImprovementsView.as_view(), name="improvements"),
    path("improvements/<int:improvement>/", learning.DecideImprovementView.as_view(), name="decide-improvement"),
    path("procedures/", learning.ProceduresView.as_view(), name="procedures"),
    path("home-learning/", learning.ShowHomeLearningView.as_view(), name="home-learning"),
    path("home-learning/version/", learning.SetVersionView.as_view(), name="set-version"),
    path("home-learning/forms/<int:form>/", learning.AcknowledgeFormView.as_view(), name="acknowledge-form"),
    path("home-learning/pupils/<int:pupil>/", learning.AcknowledgeView.as_view(), name="acknowledge"),
    path("documents/", readers.DocumentsView.as_view(), name="documents"),
    path("documents/add/", readers.AddDocumentView.as_view(), name="add-document"),
    path("documents/<int:document>/", readers.DocumentView.as_view(), name="document"),
    path("documents/<int:document>/change/", readers.ChangeDocumentView.as_view(), name="change-document"),
    path("documents/<int:document>/publish/", readers.PublishVersionView.as_view(), name="publish-version"),
    path(f"{_VERSION}text/", readers.WriteTextView.as_view(), name="write-text"),
    path(f"{_VERSION}read/", readers.ReadView.as_view(), name="read"),
    path(f"{_VERSION}forms/<int:form>/", readers.RecordFormView.as_view(), name="record-form"),
    path(f"{_VERSION}pupils/<int:pupil>/", readers.RecordPupilView.as_view(), name="record-pupil"),
    path(f"{_VERSION}pupils/<int:pupil>/<int:contact>/", readers.RecordParentView.as_view(), name="record-parent"),
    path("documents/texts/<int:text>/", readers.ShowTextView.as_view(), name="show-text"),
    path("documents/texts/<int:text>/print/", readers.PrintTextView.as_view(), name="print-text"),
]
