"""Addresses of pages about people, inside a school."""

from django.urls import path

from core.people.views import calendar, contacts, desks, directory, pupils, school, setup, staff

app_name = "people"
urlpatterns = [
    # setting up
    path("set-up/", setup.SetUpView.as_view(), name="set-up"),
    path("set-up/finish/", setup.FinishSetUpView.as_view(), name="finish-set-up"),
    path("set-up/another-school/", setup.AddSchoolView.as_view(), name="add-school"),
    path("profile/", school.ProfileView.as_view(), name="profile"),
    path("sign-in/", school.SignInSettingsView.as_view(), name="sign-in-settings"),
    # staff
    path("staff/", staff.StaffView.as_view(), name="staff"),
    path("staff/invite/", staff.InviteView.as_view(), name="invite"),
    path("staff/<int:person>/", staff.PersonView.as_view(), name="person"),
    path("staff/<int:person>/edit/", staff.EditPersonView.as_view(), name="edit-person"),
    path("staff/<int:person>/resend/", staff.ResendInvitationView.as_view(), name="resend-invitation"),
    path("staff/<int:person>/roles/add/", staff.GrantRoleView.as_view(), name="grant-role"),
    path("staff/<int:person>/roles/<int:holding>/end/", staff.EndRoleView.as_view(), name="end-role"),
    path("staff/<int:person>/leave/", staff.EndEmploymentView.as_view(), name="end-employment"),
    path("staff/<int:person>/deactivate/", staff.DeactivateView.as_view(), name="deactivate"),
    path("staff/<int:person>/reactivate/", staff.ReactivateView.as_view(), name="reactivate"),
    path("staff/<int:person>/sign-out/", staff.SignOutPersonView.as_view(), name="sign-out-person"),
    path("staff/<int:person>/second-step/", staff.AskFactorResetView.as_view(), name="ask-factor-reset"),
    path(
        "staff/<int:person>/second-step/<int:reset>/",
        staff.ConfirmFactorResetView.as_view(),
        name="confirm-factor-reset",
    ),
    path("desks/", desks.DesksView.as_view(), name="desks"),
    path("desks/<int:desk>/revoke/", desks.RevokeDeskView.as_view(), name="revoke-desk"),
    path("desks/pins/<int:desk_pin>/end/", desks.EndDeskPinView.as_view(), name="end-desk-pin"),
    path("roles/", staff.RolesView.as_view(), name="roles"),
    # pupils
    path("pupils/", pupils.PupilsView.as_view(), name="pupils"),
    path("pupils/add/", pupils.AddPupilView.as_view(), name="add-pupil"),
    path("pupils/<int:pupil>/", pupils.PupilView.as_view(), name="pupil"),
    path("pupils/<int:pupil>/edit/", pupils.EditPupilView.as_view(), name="edit-pupil"),
    path("pupils/<int:pupil>/medical-note/", pupils.MedicalNoteView.as_view(), name="medical-note"),
    path("pupils/<int:pupil>/leave/", pupils.ClosePupilView.as_view(), name="close-pupil"),
    path("pupils/<int:pupil>/return/", pupils.BringBackPupilView.as_view(), name="bring-back-pupil"),
    path("pupils/<int:pupil>/placements/add/", pupils.AddPlacementView.as_view(), name="add-placement"),
    path("pupils/<int:pupil>/placements/<int:placement>/end/", pupils.EndPlacementView.as_view(), name="end-placement"),
    path("pupils/<int:pupil>/contacts/add/", contacts.AddContactView.as_view(), name="add-contact"),
    path("pupils/<int:pupil>/contacts/<int:contact>/", contacts.EditContactView.as_view(), name="edit-contact"),
    path("pupils/<int:pupil>/contacts/<int:contact>/end/", contacts.EndContactView.as_view(), name="end-contact"),
    path("pupils/<int:pupil>/contacts/<int:contact>/bar/", contacts.BarContactView.as_view(), name="bar-contact"),
    path("pupils/<int:pupil>/contacts/<int:contact>/staff/", contacts.LinkContactView.as_view(), name="link-contact"),
    path("pupils/<int:pupil>/contacts/<int:contact>/lift/", contacts.LiftBarView.as_view(), name="lift-bar"),
    path("forms/", pupils.FormsView.as_view(), name="forms"),
    path("forms/add/", pupils.AddFormView.as_view(), name="add-form"),
    path("forms/<int:form>/", pupils.EditFormView.as_view(), name="edit-form"),
    path("forms/<int:form>/close/", pupils.CloseFormView.as_view(), name="close-form"),
    # the calendar
    path("calendar/", calendar.CalendarView.as_view(), name="calendar"),
    path("calendar/terms/add/", calendar.AddTermView.as_view(), name="add-term"),
    path("calendar/terms/<int:term>/", calendar.EditTermView.as_view(), name="edit-term"),
    path("calendar/terms/<int:term>/take-out/", calendar.TakeOutTermView.as_view(), name="take-out-term"),
    path("calendar/days/", calendar.SetDaysView.as_view(), name="set-days"),
    path("calendar/times/", calendar.SetTimesView.as_view(), name="set-times"),
    # outside bodies
    path("directory/", directory.DirectoryView.as_view(), name="directory"),
    path("directory/print/", directory.PrintDirectoryView.as_view(), name="print-directory"),
    path("directory/add/", directory.AddBodyView.as_view(), name="add-body"),
    path("directory/<int:body>/", directory.EditBodyView.as_view(), name="edit-body"),
    path("directory/<int:body>/take-out/", directory.EndBodyView.as_view(), name="end-body"),
]
