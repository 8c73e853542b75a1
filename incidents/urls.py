"""Addresses of reports and cases."""

from django.urls import path

from incidents.views import (
    actions,
    breaches,
    case,
    chronology,
    course,
    crime,
    deciding,
    ending,
    figures,
    inbox,
    levels,
    lists,
    papers,
    parents,
    questions,
    referrals,
    reporting,
    reports,
    search,
    staff_concerns,
    systems,
    telling,
    transfers,
    triage,
    whom_to_tell,
)
from incidents.views.images import course as image
from incidents.views.images import reporting as image_report
from incidents.views.images import tasks as image_task

app_name = "incidents"

urlpatterns = [
    # reporting: one question a page, the quick breach, one's own reports
    path("report/", reporting.StartReportView.as_view(), name="report"),
    path("report/<int:draft>/who/", reporting.WhoView.as_view(), name="report-who"),
    path("report/<int:draft>/who/<int:draft_person>/", reporting.TakeOutView.as_view(), name="report-take-out"),
    path("report/<int:draft>/what/", reporting.WhatView.as_view(), name="report-what"),
    path("report/<int:draft>/kind/", reporting.KindView.as_view(), name="report-kind"),
    path("report/<int:draft>/image/", reporting.ImageStopView.as_view(), name="report-image"),
    path("report/<int:draft>/when/", reporting.WhenView.as_view(), name="report-when"),
    path("report/<int:draft>/seen/", reporting.SeenView.as_view(), name="report-seen"),
    path("report/<int:draft>/done/", reporting.DoneView.as_view(), name="report-done"),
    path("report/<int:draft>/check/", reporting.CheckView.as_view(), name="report-check"),
    path("report/<int:draft>/discard/", reporting.DiscardView.as_view(), name="report-discard"),
    path("breach/", breaches.FindForBreachView.as_view(), name="find-breach"),
    path("breach/<int:pupil>/", breaches.QuickBreachView.as_view(), name="quick-breach"),
    path("reports/", reports.MyReportsView.as_view(), name="my-reports"),
    path("reports/<int:own_report>/", reports.MyReportView.as_view(), name="my-report"),
    path("reports/<int:own_report>/sent/", reports.ReportSentView.as_view(), name="report-sent"),
    path("reports/<int:own_report>/add/", reports.AddToRecordView.as_view(), name="add-to-record"),
    # the inbox, and what is done to a record from it
    path("inbox/", inbox.InboxView.as_view(), name="inbox"),
    path("search/", search.SearchView.as_view(), name="search"),
    path("case/<int:incident>/acknowledge/", triage.AcknowledgeView.as_view(), name="acknowledge"),
    path("case/<int:incident>/triage/", triage.TriageView.as_view(), name="triage"),
    path("case/<int:incident>/assign/", triage.AssignView.as_view(), name="assign"),
    path("case/<int:incident>/next-step/", triage.NextStepView.as_view(), name="next-step"),
    path("case/<int:incident>/protect/", triage.ProtectView.as_view(), name="protect"),
    path("case/<int:incident>/raise/", triage.RaiseView.as_view(), name="raise"),
    path("case/<int:incident>/review/", triage.ReviewView.as_view(), name="review"),
    path("case/<int:incident>/merge/", triage.MergeView.as_view(), name="merge"),
    path("case/<int:incident>/reopen/", triage.ReopenView.as_view(), name="reopen"),
    # the school's own lists
    path("types/", lists.TypesView.as_view(), name="types"),
    path("sub-types/", lists.SubTypesView.as_view(), name="sub-types"),
    path("sub-types/begin/", lists.SeedSubTypesView.as_view(), name="seed-sub-types"),
    path("sub-types/<int:sub_type>/end/", lists.EndSubTypeView.as_view(), name="end-sub-type"),
    # what pupils are told: the poster, and what stands on it
    path("whom-to-tell/", whom_to_tell.WhomToTellView.as_view(), name="whom-to-tell"),
    path("whom-to-tell/list/", whom_to_tell.HelpListView.as_view(), name="help-list"),
    path("whom-to-tell/list/begin/", whom_to_tell.BeginHelpView.as_view(), name="begin-help"),
    path("whom-to-tell/list/<int:help_entry>/end/", whom_to_tell.EndHelpView.as_view(), name="end-help"),
    # one record
    path("case/<int:incident>/", case.ReportView.as_view(), name="case"),
    path("case/<int:incident>/notes/", case.NotesView.as_view(), name="case-notes"),
    path("case/<int:incident>/notes/<int:case_note>/correct/", case.CorrectNoteView.as_view(), name="correct-note"),
    path("case/<int:incident>/actions/", actions.ActionsView.as_view(), name="case-actions"),
    path("case/<int:incident>/looks/", case.LooksView.as_view(), name="case-looks"),
    path("case/<int:incident>/people/", case.PeopleView.as_view(), name="case-people"),
    path("case/<int:incident>/people/<int:case_person>/", case.RemovePersonView.as_view(), name="remove-person"),
    path("case/<int:incident>/parents/<int:pupil>/", parents.ParentsView.as_view(), name="case-parents"),
    path("case/<int:incident>/level/", levels.LevelView.as_view(), name="case-level"),
    path("case/<int:incident>/decide/", deciding.DecideView.as_view(), name="decide"),
    path("case/<int:incident>/serious/", telling.SeriousView.as_view(), name="case-serious"),
    path("case/<int:incident>/serious/not/", telling.NotSeriousView.as_view(), name="not-serious"),
    path("case/<int:incident>/serious/<int:notification>/", telling.TellBodyView.as_view(), name="tell-body"),
    path("case/<int:incident>/crime/", crime.SuspectCrimeView.as_view(), name="suspect-crime"),
    path("case/<int:incident>/crime/<int:crime_task>/", crime.CrimeTaskView.as_view(), name="crime-task"),
    path("case/<int:incident>/refer/", referrals.ReferView.as_view(), name="refer"),
    path("case/<int:incident>/referrals/<int:referral>/", referrals.ReferralView.as_view(), name="referral"),
    path(
        "case/<int:incident>/referrals/<int:referral>/consent/",
        referrals.ConsentView.as_view(),
        name="referral-consent",
    ),
    path(
        "case/<int:incident>/referrals/<int:referral>/without/",
        referrals.OverrideView.as_view(),
        name="referral-override",
    ),
    path("referrals/", referrals.ChaseView.as_view(), name="referrals"),
    # what follows a report: sanctions, support, advice, the exam body
    path("case/<int:incident>/sanction/", course.SanctionView.as_view(), name="sanction"),
    path(
        "case/<int:incident>/sanctions/<int:sanction>/withdraw/",
        course.WithdrawSanctionView.as_view(),
        name="withdraw-sanction",
    ),
    path("case/<int:incident>/plan/", course.PlanView.as_view(), name="plan"),
    path("case/<int:incident>/plans/<int:plan>/", course.ReviewPlanView.as_view(), name="review-plan"),
    path("case/<int:incident>/plans/<int:plan>/begin/", course.BeginPlanView.as_view(), name="begin-plan"),
    path("plans/", course.PlansView.as_view(), name="plans"),
    path("case/<int:incident>/advice/", course.AdviceView.as_view(), name="advice"),
    path("case/<int:incident>/advice/<int:advice>/", course.AnswerAdviceView.as_view(), name="answer-advice"),
    path("case/<int:incident>/exam/", ending.ExamView.as_view(), name="exam"),
    # about a system: the action plan, and blocks of the network
    path("case/<int:incident>/action-plan/", systems.PutOnPlanView.as_view(), name="put-on-plan"),
    path("filtering/", systems.FilteringBlocksView.as_view(), name="filtering-blocks"),
    # the end: the investigation, the debrief, closing
    path("case/<int:incident>/investigation/", ending.EndInvestigationView.as_view(), name="end-investigation"),
    path("case/<int:incident>/debrief/", ending.DebriefView.as_view(), name="debrief"),
    path("case/<int:incident>/debrief/needed/", ending.DecideDebriefView.as_view(), name="decide-debrief"),
    path("case/<int:incident>/debrief/lesson/", ending.AddLessonView.as_view(), name="add-lesson"),
    path("case/<int:incident>/debrief/lessons/<int:lesson>/", ending.AssignLessonView.as_view(), name="assign-lesson"),
    path("case/<int:incident>/close/", ending.CloseView.as_view(), name="close"),
    # a suspected image: the report
    path("image/", image_report.FindForImageView.as_view(), name="image-report"),
    path("image/unnamed/", image_report.ReportUnnamedView.as_view(), name="image-report-unnamed"),
    path("image/pupils/<int:pupil>/", image_report.ReportAboutView.as_view(), name="image-report-about"),
    path("image/sent/<int:incident>/", image_report.ImageSentView.as_view(), name="image-sent"),
    path("image/sent/<int:incident>/seen/", image_report.ImageLookedView.as_view(), name="image-looked"),
    path("searches/<int:search>/", image_report.FromSearchView.as_view(), name="from-search"),
    # a suspected image: what is asked of somebody
    path("image/tasks/", image_task.ImageTasksView.as_view(), name="image-tasks"),
    path("image/tasks/<int:image_task>/", image_task.ImageTaskView.as_view(), name="image-task"),
    # a suspected image: its course
    path("case/<int:incident>/image/", image.ImageCaseView.as_view(), name="image-case"),
    path(
        "case/<int:incident>/image/tasks/<int:image_task>/give/", image_task.GiveTaskView.as_view(), name="image-give"
    ),
    path("case/<int:incident>/image/tasks/add/", image_task.AddTaskView.as_view(), name="image-add-task"),
    path("case/<int:incident>/image/place/", image_task.CorrectPlaceView.as_view(), name="image-place"),
    path("case/<int:incident>/image/review/", image.AssessView.as_view(), name="image-assess"),
    path("case/<int:incident>/image/referral/", image.DecideReferralView.as_view(), name="image-referral"),
    path("case/<int:incident>/image/police/", image.RecordPoliceView.as_view(), name="image-police"),
    path("case/<int:incident>/image/support/", image.PlanSupportView.as_view(), name="image-support"),
    path("case/<int:incident>/image/viewing/", image.RecordViewingView.as_view(), name="image-viewing"),
    path("case/<int:incident>/image/end/", image.CloseImageView.as_view(), name="image-close"),
    path("case/<int:incident>/reclassify/", image.ReclassifyView.as_view(), name="image-reclassify"),
    # documents made of one record
    path("case/<int:incident>/papers/", papers.PapersView.as_view(), name="case-papers"),
    path("case/<int:incident>/papers/<int:case_paper>/", papers.PaperView.as_view(), name="case-paper"),
    path(
        "case/<int:incident>/papers/serious/<int:notification>/",
        papers.SeriousPaperView.as_view(),
        name="serious-paper",
    ),
    path(
        "case/<int:incident>/papers/referral/<int:referral>/", papers.ReferralPaperView.as_view(), name="referral-paper"
    ),
    path("case/<int:incident>/papers/letter/<int:pupil>/", papers.LetterPaperView.as_view(), name="letter-paper"),
    path("case/<int:incident>/papers/exam/", papers.ExamPaperView.as_view(), name="exam-paper"),
    path("case/<int:incident>/papers/debrief/", papers.DebriefPaperView.as_view(), name="debrief-paper"),
    # in figures
    path("figures/", figures.CaseFiguresView.as_view(), name="figures"),
    path("figures/csv/", figures.CaseFiguresCsvView.as_view(), name="figures-csv"),
    # one pupil
    path("chronology/<int:pupil>/", chronology.ChronologyView.as_view(), name="chronology"),
    path("chronology/<int:pupil>/pdf/", chronology.ExportChronologyView.as_view(), name="export-chronology"),
    path(
        "chronology/<int:pupil>/pdf/<int:case_document>/",
        chronology.ChronologyPaperView.as_view(),
        name="chronology-paper",
    ),
    # files that go to another school, and came from one
    path("transfers/", transfers.TransfersView.as_view(), name="transfers"),
    path("transfers/<int:file_transfer>/", transfers.TransferView.as_view(), name="transfer"),
    path("transfers/<int:file_transfer>/shared/", transfers.SharingView.as_view(), name="transfer-sharing"),
    path("transfers/<int:file_transfer>/not-needed/", transfers.SetAsideView.as_view(), name="transfer-aside"),
    path("transfers/<int:file_transfer>/pdf/", transfers.TransferPaperView.as_view(), name="transfer-paper"),
    path("transfers/<int:file_transfer>/pdf/make/", transfers.MakePaperView.as_view(), name="make-transfer-paper"),
    path("transfers/arrived/<int:file_arrival>/receipt/", transfers.GiveReceiptView.as_view(), name="give-receipt"),
    path("chronology/<int:pupil>/transfer/", transfers.OpenTransferView.as_view(), name="open-transfer"),
    path("chronology/<int:pupil>/arrived/", transfers.ArrivalView.as_view(), name="file-arrived"),
    # concerns about staff, who is let in, questions in private
    path("case/<int:incident>/staff/class/", staff_concerns.ClassifyConcernView.as_view(), name="classify-concern"),
    path("case/<int:incident>/staff/outside/", staff_concerns.OutsideEntryView.as_view(), name="outside-entry"),
    path("case/<int:incident>/access/", staff_concerns.GiveAccessView.as_view(), name="give-access"),
    path(
        "case/<int:incident>/access/<int:case_access>/end/", staff_concerns.EndAccessView.as_view(), name="end-access"
    ),
    path("staff/", staff_concerns.StaffRegisterView.as_view(), name="staff-register"),
    path("staff/<int:person>/", staff_concerns.StaffPatternView.as_view(), name="staff-pattern"),
    path("questions/", questions.PrivateQuestionsView.as_view(), name="private-questions"),
    path("questions/<int:private_question>/", questions.PrivateQuestionView.as_view(), name="private-question"),
]
