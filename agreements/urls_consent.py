"""Addresses of consent to photographs and film."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import consent, consent_links, consent_papers, consent_uses, own_consent, publishing_duties

urlpatterns: list[URLPattern] = [
    path("images/", consent.ListConsentsView.as_view(), name="consents"),
    path("images/forms/<int:form>/", consent.FormConsentsView.as_view(), name="form-consents"),
    path("images/pupils/<int:pupil>/", consent.PupilConsentsView.as_view(), name="pupil-consents"),
    path("images/pupils/<int:pupil>/panel/", consent.ConsentPanelView.as_view(), name="consent-panel"),
    path("images/pupils/<int:pupil>/record/", consent.RecordConsentView.as_view(), name="record-consent"),
    path("images/pupils/<int:pupil>/send/", consent_links.SendConsentFormView.as_view(), name="send-consent-form"),
    path("images/consents/<int:consent>/withdraw/", consent.WithdrawConsentView.as_view(), name="withdraw-consent"),
    path("images/adults/", consent.AdultConsentsView.as_view(), name="adult-consents"),
    path("images/adults/record/", consent.RecordAdultConsentView.as_view(), name="record-adult-consent"),
    path("images/pupils/<int:pupil>/paper/", consent_papers.ConsentPaperView.as_view(), name="consent-paper"),
    path("images/not-to-show/", consent_papers.DoNotPhotographView.as_view(), name="do-not-photograph"),
    path("images/not-to-show/print/", consent_papers.PrintNotToShowView.as_view(), name="print-do-not-photograph"),
    path("images/own/", own_consent.ListOwnConsentsView.as_view(), name="own-consents"),
    path("images/pupils/<int:pupil>/own/", own_consent.AskOwnConsentView.as_view(), name="ask-own-consent"),
    path("images/own/<int:own_decision>/", own_consent.DecideOwnConsentView.as_view(), name="decide-own-consent"),
    path("images/own/<int:own_decision>/apply/", own_consent.ApplyOwnConsentView.as_view(), name="apply-own-consent"),
    path("images/check/", consent_uses.CheckImagesView.as_view(), name="check-images"),
    path("images/check/keep/", consent_uses.PlanUseView.as_view(), name="plan-use"),
    path("images/uses/", consent_uses.ListUsesView.as_view(), name="image-uses"),
    path("images/uses/<int:image_use>/", consent_uses.ImageUseView.as_view(), name="image-use"),
    path("images/uses/<int:image_use>/publish/", consent_uses.PublishUseView.as_view(), name="publish-use"),
    path("images/uses/<int:image_use>/cancel/", consent_uses.CancelUseView.as_view(), name="cancel-use"),
    path("images/uses/<int:image_use>/leave-out/", consent_uses.LeaveOutView.as_view(), name="leave-out"),
    path("images/uses/<int:image_use>/taken-down/", consent_uses.RecordTakedownView.as_view(), name="record-takedown"),
    path("images/duties/", publishing_duties.DutiesView.as_view(), name="publishing-duties"),
    path("images/duties/<int:duty>/end/", publishing_duties.EndDutyView.as_view(), name="end-duty"),
]
