"""Addresses of the desk and of devices."""

from django.urls import path

from devices.urls_assets import asset_urls
from devices.urls_papers import paper_urls
from devices.urls_permissions import permission_urls
from devices.urls_searches import search_urls
from devices.views import (
    absences,
    agreements,
    arrivals,
    calls,
    chase,
    closing,
    desk,
    devices,
    evidence,
    gates,
    held,
    lists,
    losses,
    may_use,
    messages,
    offline,
    parents,
    parked,
    paste,
    police,
    printing,
    register,
    release,
    return_form,
    returns,
    storage,
    story,
    taking,
    types,
    whole_form,
)

app_name = "devices"

desk_urls = [
    path("arrivals/", arrivals.ArrivalsView.as_view(), name="arrivals"),
    path("arrivals/find/", desk.DeskSearchView.as_view(), name="desk-search"),
    path("arrivals/decision/", arrivals.DecideHandInView.as_view(), name="decide-hand-in"),
    path("arrivals/gate/", gates.ChooseGateView.as_view(), name="choose-gate"),
    path("arrivals/put-aside/", parked.ListParkedView.as_view(), name="parked"),
    path("arrivals/put-aside/<int:parked>/", parked.SettleParkedView.as_view(), name="settle-parked"),
    path("desk/sync/", offline.DeskSyncView.as_view(), name="desk-sync"),
    path("desk/offline/", offline.OfflineDeskView.as_view(), name="desk-offline"),
    path("desk/to-settle/", offline.OfflineScansView.as_view(), name="offline-scans"),
    path("desk/to-settle/<int:scan>/", offline.SettleOfflineScanView.as_view(), name="settle-offline-scan"),
    path("hand-back/", returns.ReturnsView.as_view(), name="returns"),
]

form_urls = [
    path("forms/", whole_form.ListFormsView.as_view(), name="whole-form-list"),
    path("forms/<int:form>/", whole_form.WholeFormView.as_view(), name="whole-form"),
    path("forms/<int:form>/paper/", whole_form.PaperFormView.as_view(), name="whole-form-paper"),
    path("forms/<int:form>/hand-back/", return_form.ReturnFormView.as_view(), name="return-form"),
    path("paste/", paste.PasteView.as_view(), name="paste"),
]

register_urls = [
    path("register/", register.RegisterView.as_view(), name="register"),
    path("register/print/", register.PrintRegisterView.as_view(), name="register-print"),
    path("uncollected/", register.UncollectedView.as_view(), name="uncollected"),
    path("custody/<int:custody>/correct/", register.CorrectCustodyView.as_view(), name="correct"),
    path("no-device/", register.NoDeviceListView.as_view(), name="no-device"),
    path("no-device/<int:declaration>/correct/", register.WithdrawNoDeviceView.as_view(), name="withdraw-no-device"),
]

day_urls = [
    path("absences/", absences.ListAbsencesView.as_view(), name="absences"),
    path("absences/list/", absences.ReadAttendanceView.as_view(), name="read-attendance"),
    path("absences/record/", absences.RecordAbsencesView.as_view(), name="record-absences"),
    path("marks/<int:mark>/correct/", absences.WithdrawMarkView.as_view(), name="withdraw-mark"),
    path("chase/", chase.ShowChaseView.as_view(), name="chase"),
    path("chase/print/", chase.PrintChaseView.as_view(), name="chase-print"),
    path("chase/tell/", chase.SendChaseView.as_view(), name="send-chase"),
    path("close/", closing.CloseDayView.as_view(), name="close-day"),
    path("close/settings/", closing.DeskSettingsView.as_view(), name="desk-settings"),
    path("custody/<int:custody>/keep/", closing.KeepOvernightView.as_view(), name="keep-overnight"),
    path("overnight/<int:decision>/agree/", closing.SecondOvernightView.as_view(), name="second-overnight"),
    path("overnight/<int:decision>/told/", closing.ParentToldView.as_view(), name="parent-told"),
    path("day/", closing.DaySummaryView.as_view(), name="day-summary"),
    path("day/print/", closing.PrintDaySummaryView.as_view(), name="day-summary-print"),
]

storage_urls = [
    path("gates/", gates.ListGatesView.as_view(), name="gates"),
    path("gates/<int:gate>/close/", gates.CloseGateView.as_view(), name="close-gate"),
    path("storage/", storage.ListStorageView.as_view(), name="storage"),
    path("storage/add/", storage.AddPlaceView.as_view(), name="add-place"),
    path("storage/<int:place>/", storage.ShowPlaceView.as_view(), name="place"),
    path("storage/<int:place>/change/", storage.ChangePlaceView.as_view(), name="change-place"),
    path("storage/<int:place>/add-slots/", storage.AddSlotsView.as_view(), name="add-slots"),
    path("storage/<int:place>/close/", storage.ClosePlaceView.as_view(), name="close-place"),
    path("storage/slots/<int:slot>/", storage.SetSlotStateView.as_view(), name="slot-state"),
]

type_urls = [
    path("kinds/", types.ListTypesView.as_view(), name="types"),
    path("kinds/<int:device_type>/change/", types.ChangeTypeView.as_view(), name="change-type"),
]

record_urls = [
    path("records/<int:device>/", devices.ShowDeviceView.as_view(), name="device"),
    path("records/<int:device>/print/", devices.PrintTimelineView.as_view(), name="device-print"),
    path("records/<int:device>/change/", devices.ChangeDeviceView.as_view(), name="change-device"),
    path("records/<int:device>/retire/", devices.RetireDeviceView.as_view(), name="retire-device"),
    path("pupils/<int:pupil>/", devices.PupilPanelView.as_view(), name="pupil-panel"),
    path("pupils/<int:pupil>/add/", devices.AddDeviceView.as_view(), name="add-device"),
    path("pupils/<int:pupil>/agree/", agreements.AgreeBringView.as_view(), name="agree-bring"),
    path("agreements/<int:bring>/end/", agreements.EndBringView.as_view(), name="end-bring"),
]

office_urls = [
    path("may-use/", may_use.MayUseView.as_view(), name="may-use"),
    path("may-use/<int:pupil>/", may_use.MayUseOfView.as_view(), name="may-use-of"),
    path("areas/", may_use.AreasView.as_view(), name="areas"),
    path("calls/", calls.CallsView.as_view(), name="calls"),
    path("pupils/<int:pupil>/call/", calls.LogCallView.as_view(), name="log-call"),
    path("messages/", messages.MessagesView.as_view(), name="messages"),
    path("pupils/<int:pupil>/message/", messages.TakeMessageView.as_view(), name="take-message"),
    path("messages/<int:message>/deliver/", messages.DeliverMessageView.as_view(), name="deliver-message"),
    path("losses/", losses.LossesView.as_view(), name="losses"),
    path("custody/<int:custody>/loss/", losses.ReportLossView.as_view(), name="report-loss"),
    path("losses/<int:loss>/end/", losses.EndLossView.as_view(), name="end-loss"),
    path("kept-secure/", lists.KeptSecureView.as_view(), name="kept-secure"),
    path("without-reason/", lists.WithoutReasonView.as_view(), name="without-reason"),
]

taken_urls = [
    path("take/", taking.TakeView.as_view(), name="take"),
    path("take/<int:pupil>/", taking.TakeFromView.as_view(), name="take-from"),
    path("held/", held.HeldView.as_view(), name="held"),
    path("taken/<int:custody>/", taking.ShowTakingView.as_view(), name="taken"),
    path("taken/<int:custody>/put-away/", held.StoreTakenView.as_view(), name="store-taken"),
    path("taken/<int:custody>/sign-off/", held.SignOffView.as_view(), name="sign-off"),
    path("taken/<int:custody>/withdraw/", taking.WithdrawTakingView.as_view(), name="withdraw-taking"),
]

print_urls = [
    path("print/", printing.PrintsView.as_view(), name="prints"),
    path("print/<int:print_job>/", printing.PrintJobView.as_view(), name="print-job"),
    path("print/<int:print_job>/file/", printing.PrintFileView.as_view(), name="print-file"),
    path("print/labels/", printing.LabelOffsetsView.as_view(), name="label-offsets"),
    path("custody/<int:custody>/receipt/", printing.ReceiptView.as_view(), name="receipt"),
]

evidence_urls = [
    path("hold/", evidence.FindForHoldView.as_view(), name="find-for-hold"),
    path("hold/done/", evidence.HoldPlacedView.as_view(), name="hold-placed"),
    path("pupils/<int:pupil>/hold/", evidence.PlaceHoldView.as_view(), name="place-hold"),
    path("evidence/", evidence.EvidenceView.as_view(), name="evidence"),
    path("evidence/<int:hold>/", evidence.ShowHoldView.as_view(), name="hold"),
    path("evidence/<int:hold>/lift/", evidence.LiftHoldView.as_view(), name="lift-hold"),
    path("evidence/<int:hold>/parents/", evidence.DecideTellingView.as_view(), name="decide-telling"),
    path("police/", police.PoliceView.as_view(), name="police"),
    path("police/<int:handover>/back/", police.BackFromPoliceView.as_view(), name="back-from-police"),
    path("custody/<int:custody>/police/", police.HandToPoliceView.as_view(), name="hand-to-police"),
    path("custody/<int:custody>/decide/", police.DecideAfterPoliceView.as_view(), name="decide-after-police"),
    path("records/<int:device>/story/", story.StoryView.as_view(), name="story"),
]

release_urls = [
    path("release/", release.ReleaseDeskView.as_view(), name="release-desk"),
    path("custody/<int:custody>/release/", release.ReleaseView.as_view(), name="release"),
    path("custody/<int:custody>/release/decide/", release.DecideReleaseView.as_view(), name="decide-release"),
    path("custody/<int:custody>/escalate/", release.EscalateView.as_view(), name="escalate"),
    path("release/<int:release>/undo/", release.UndoReleaseView.as_view(), name="undo-release"),
    path("parents/", parents.ParentsToTellView.as_view(), name="parents-to-tell"),
    path("parents/<int:parent_notice>/", parents.ParentNoticeView.as_view(), name="parent-notice"),
    path("parents/<int:parent_notice>/not-reached/", parents.NotReachedView.as_view(), name="not-reached"),
    path("parents/<int:parent_notice>/withhold/", parents.WithholdNoticeView.as_view(), name="withhold-notice"),
    path("parents/<int:parent_notice>/tell-now/", parents.StopWithholdingView.as_view(), name="stop-withholding"),
    path("parents/<int:parent_notice>/not-needed/", parents.DropNoticeView.as_view(), name="drop-notice"),
]

urlpatterns = [
    *desk_urls,
    *form_urls,
    *register_urls,
    *day_urls,
    *storage_urls,
    *type_urls,
    *record_urls,
    *office_urls,
    *taken_urls,
    *print_urls,
    *evidence_urls,
    *release_urls,
    *search_urls,
    *paper_urls,
    *permission_urls,
    *asset_urls,
]
