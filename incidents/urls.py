"""Addresses of reports and cases."""

from django.urls import path

from incidents.views import case, chronology

app_name = "incidents"

urlpatterns = [
    # one record
    path("case/<int:incident>/", case.ReportView.as_view(), name="case"),
    path("case/<int:incident>/notes/", case.NotesView.as_view(), name="case-notes"),
    path("case/<int:incident>/notes/<int:case_note>/correct/", case.CorrectNoteView.as_view(), name="correct-note"),
    path("case/<int:incident>/actions/", case.ActionsView.as_view(), name="case-actions"),
    path("case/<int:incident>/looks/", case.LooksView.as_view(), name="case-looks"),
    path("case/<int:incident>/people/", case.PeopleView.as_view(), name="case-people"),
    path("case/<int:incident>/people/<int:case_person>/", case.RemovePersonView.as_view(), name="remove-person"),
    # one pupil
    path("chronology/<int:pupil>/", chronology.ChronologyView.as_view(), name="chronology"),
]
