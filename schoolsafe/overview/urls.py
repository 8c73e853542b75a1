"""Addresses of the pages that compose the features."""

from django.urls import path

from schoolsafe.overview.views import approvals, assessments, delegations, pages

app_name = "overview"
urlpatterns = [
    path("", pages.HomeView.as_view(), name="home"),
    path("find/", pages.FindPupilView.as_view(), name="find"),
    path("tell-dsl/", pages.TellDslView.as_view(), name="tell-dsl"),
    path("record/", pages.ShowRecordView.as_view(), name="record"),
    path("record/export/", pages.ExportRecordView.as_view(), name="record-export"),
    path("record/<int:entry>/", pages.ShowEntryView.as_view(), name="record-entry"),
    path("permissions/", approvals.ApprovalsView.as_view(), name="approvals"),
    path("permissions/<int:approval>/", approvals.ApprovalView.as_view(), name="approval"),
    path("permissions/<int:approval>/discuss/", approvals.DiscussView.as_view(), name="approval-discuss"),
    path("permissions/<int:approval>/attach/", approvals.AttachAssessmentView.as_view(), name="approval-attach"),
    path("permissions/<int:approval>/consent/", approvals.ConsentView.as_view(), name="approval-consent"),
    path("permissions/<int:approval>/confirm/", approvals.ConfirmView.as_view(), name="approval-confirm"),
    path("permissions/<int:approval>/suspend/", approvals.SuspendView.as_view(), name="approval-suspend"),
    path("permissions/<int:approval>/resume/", approvals.ResumeView.as_view(), name="approval-resume"),
    path("permissions/<int:approval>/review/", approvals.ReviewView.as_view(), name="approval-review"),
    path("permissions/<int:approval>/end/", approvals.EndView.as_view(), name="approval-end"),
    path("permissions/<int:approval>/withdraw/", approvals.WithdrawView.as_view(), name="approval-withdraw"),
    path("permissions/<int:approval>/used/", approvals.MarkUsedView.as_view(), name="approval-used"),
    path("permissions/delegations/", delegations.DelegationsView.as_view(), name="delegations"),
    path(
        "permissions/delegations/<int:delegation>/end/", delegations.EndDelegationView.as_view(), name="end-delegation"
    ),
    path("risk-assessments/", assessments.AssessmentsView.as_view(), name="assessments"),
    path("risk-assessments/begin/", assessments.BeginAssessmentView.as_view(), name="begin-assessment"),
    path("risk-assessments/<int:assessment>/", assessments.AssessmentView.as_view(), name="assessment"),
    path(
        "risk-assessments/<int:assessment>/complete/",
        assessments.CompleteAssessmentView.as_view(),
        name="complete-assessment",
    ),
    path("risk-assessments/hazards/<int:hazard>/remove/", assessments.RemoveHazardView.as_view(), name="remove-hazard"),
]
