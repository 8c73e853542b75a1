"""Addresses of agreements that were issued, who still has to sign, and signing at school."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import asking, issued, school_signing

urlpatterns: list[URLPattern] = [
    path("", issued.OverviewView.as_view(), name="overview"),
    path("waiting/", issued.ToSignView.as_view(), name="to-sign"),
    path("pupils/<int:pupil>/", issued.OfPupilView.as_view(), name="of-pupil"),
    path("pupils/<int:pupil>/issue/", issued.IssueView.as_view(), name="issue"),
    path("<int:agreement>/", issued.ShowAgreementView.as_view(), name="agreement"),
    path("<int:agreement>/withdraw/", issued.WithdrawView.as_view(), name="withdraw"),
    path("<int:agreement>/send/", issued.SendLinksView.as_view(), name="send-links"),
    path("<int:agreement>/end/", issued.EndView.as_view(), name="end"),
    path("<int:agreement>/follow-up/", issued.FollowUpView.as_view(), name="follow-up"),
    path("<int:agreement>/ask-also/", asking.AskAlsoView.as_view(), name="ask-also"),
    path("asked/<int:signatory>/stop/", asking.StopAskingView.as_view(), name="stop-asking"),
    path("at-school/<int:signatory>/", school_signing.SignAtSchoolView.as_view(), name="sign-at-school"),
    path("on-paper/<int:signatory>/", school_signing.SignOnPaperView.as_view(), name="sign-on-paper"),
    path("own/<int:signatory>/", school_signing.SignOwnView.as_view(), name="sign-own"),
]
