"""Addresses about the session, outside any school."""

from django.urls import path

from core.people.views import desks, session, setup

app_name = "session"
urlpatterns = [
    path("", session.ChooseSchoolView.as_view(), name="choose-school"),
    path("setup/", setup.SetUpSchoolView.as_view(), name="set-up"),
    path("setup/<str:token>/", setup.SetUpLinkView.as_view(), name="set-up-link"),
    path("account/invitation/", setup.InvitationView.as_view(), name="invitation"),
    path("account/invitation/<str:token>/", setup.InvitationLinkView.as_view(), name="invitation-link"),
    path("account/lock/", session.LockView.as_view(), name="lock"),
    path("account/unlock/", session.UnlockView.as_view(), name="unlock"),
    path("account/continue/", session.ContinueView.as_view(), name="continue"),
    path("account/extend/", session.ExtendView.as_view(), name="extend"),
    path("account/sign-out-everywhere/", session.SignOutEverywhereView.as_view(), name="sign-out-everywhere"),
    path("account/you/", session.YourAccountView.as_view(), name="your-account"),
    path("account/desk-pin/", desks.OwnPinView.as_view(), name="desk-pin"),
]
