"""Addresses of the desk and of devices."""

from django.urls import path

from devices.views import desk, register

app_name = "devices"

desk_urls = [
    path("arrivals/", desk.ArrivalsView.as_view(), name="arrivals"),
    path("arrivals/find/", desk.DeskSearchView.as_view(), name="desk-search"),
    path("arrivals/decision/", desk.DecideHandInView.as_view(), name="decide-hand-in"),
    path("hand-back/", desk.ReturnsView.as_view(), name="returns"),
]

register_urls = [
    path("register/", register.RegisterView.as_view(), name="register"),
    path("register/print/", register.PrintRegisterView.as_view(), name="register-print"),
    path("uncollected/", register.UncollectedView.as_view(), name="uncollected"),
    path("custody/<int:custody>/correct/", register.CorrectCustodyView.as_view(), name="correct"),
    path("no-device/", register.NoDeviceListView.as_view(), name="no-device"),
    path("no-device/<int:declaration>/correct/", register.WithdrawNoDeviceView.as_view(), name="withdraw-no-device"),
]

urlpatterns = [*desk_urls, *register_urls]
