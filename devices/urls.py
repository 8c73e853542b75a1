"""Addresses of the desk and of devices."""

from django.urls import path

from devices.views import agreements, arrivals, devices, gates, parked, register, returns, storage, types

app_name = "devices"

desk_urls = [
    path("arrivals/", arrivals.ArrivalsView.as_view(), name="arrivals"),
    path("arrivals/find/", arrivals.DeskSearchView.as_view(), name="desk-search"),
    path("arrivals/decision/", arrivals.DecideHandInView.as_view(), name="decide-hand-in"),
    path("arrivals/gate/", gates.ChooseGateView.as_view(), name="choose-gate"),
    path("arrivals/put-aside/", parked.ListParkedView.as_view(), name="parked"),
    path("arrivals/put-aside/<int:parked>/", parked.SettleParkedView.as_view(), name="settle-parked"),
    path("hand-back/", returns.ReturnsView.as_view(), name="returns"),
]

register_urls = [
    path("register/", register.RegisterView.as_view(), name="register"),
    path("register/print/", register.PrintRegisterView.as_view(), name="register-print"),
    path("uncollected/", register.UncollectedView.as_view(), name="uncollected"),
    path("custody/<int:custody>/correct/", register.CorrectCustodyView.as_view(), name="correct"),
    path("no-device/", register.NoDeviceListView.as_view(), name="no-device"),
    path("no-device/<int:declaration>/correct/", register.WithdrawNoDeviceView.as_view(), name="withdraw-no-device"),
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

urlpatterns = [*desk_urls, *register_urls, *storage_urls, *type_urls, *record_urls]
