"""Addresses of permissions to use a device."""

from django.urls import path

from devices.views import lessons, permissions, remote_teaching, staff_permissions

permission_urls = [
    path("permissions/pupils/<int:pupil>/", permissions.PupilPermissionsView.as_view(), name="pupil-permissions"),
    path("permissions/pupils/<int:pupil>/ask/", permissions.AskExceptionalView.as_view(), name="ask-exceptional"),
    path("permissions/pupils/<int:pupil>/bring/", permissions.AskBringView.as_view(), name="ask-bring"),
    path("permissions/pupils/<int:pupil>/route/", permissions.AskContactRouteView.as_view(), name="ask-contact-route"),
    path(
        "permissions/<int:approval>/request/", permissions.ChangePupilRequestView.as_view(), name="change-pupil-request"
    ),
    path("permissions/<int:approval>/bring/", permissions.SendBringView.as_view(), name="send-bring"),
    path("permissions/<int:approval>/change/", permissions.ChangeExceptionalView.as_view(), name="change-exceptional"),
    path("permissions/<int:approval>/send/", permissions.SendExceptionalView.as_view(), name="send-exceptional"),
    path("permissions/revocations/", lessons.RevocationsView.as_view(), name="revocations"),
    path("permissions/pupils/<int:pupil>/revoke/", lessons.RevokeView.as_view(), name="revoke-privilege"),
    path("permissions/revocations/<int:revocation>/end/", lessons.RestoreView.as_view(), name="restore-privilege"),
    path("lessons/", lessons.LessonsView.as_view(), name="lessons"),
    path("lessons/propose/", lessons.ProposeLessonView.as_view(), name="propose-lesson"),
    path("lessons/<int:approval>/change/", lessons.ChangeLessonView.as_view(), name="change-lesson"),
    path("staff/", staff_permissions.StaffPermissionsView.as_view(), name="staff-permissions"),
    path("staff/rules/", staff_permissions.StaffRulesView.as_view(), name="staff-rules"),
    path("staff/lessons/ask/", staff_permissions.AskLessonUseView.as_view(), name="ask-lesson-use"),
    path("staff/lessons/log/", staff_permissions.LogLessonUseView.as_view(), name="log-lesson-use"),
    path("staff/lessons/give/", staff_permissions.GiveLessonUseView.as_view(), name="give-lesson-use"),
    path("staff/contact/ask/", staff_permissions.AskStaffContactView.as_view(), name="ask-staff-contact"),
    path("staff/remote/ask/", staff_permissions.AskRemoteTeachingView.as_view(), name="ask-remote-teaching"),
    path("staff/remote/", remote_teaching.RemoteTeachingView.as_view(), name="remote-teaching"),
    path("staff/remote/log/", remote_teaching.LogRemoteTeachingView.as_view(), name="log-remote-teaching"),
    path("staff/remote/<int:remote>/end/", remote_teaching.EndRemoteTeachingView.as_view(), name="end-remote-teaching"),
    path("staff/<int:approval>/slip/", staff_permissions.StaffSlipView.as_view(), name="staff-slip"),
    path(
        "staff/<int:approval>/assessment/",
        staff_permissions.RemoteTeachingPaperView.as_view(),
        name="remote-teaching-paper",
    ),
    path(
        "staff/<int:approval>/change/", staff_permissions.ChangeStaffRequestView.as_view(), name="change-staff-request"
    ),
]
