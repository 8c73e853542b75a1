"""Addresses of the rules, inside a school."""

from django.urls import path

from core.rules import views

app_name = "rules"
urlpatterns = [
    path("", views.OverviewView.as_view(), name="overview"),
    path("section/<slug:section>/", views.SectionView.as_view(), name="section"),
    path("rule/<str:key>/", views.RuleView.as_view(), name="rule"),
    path("change/<str:key>/", views.ChangeRuleView.as_view(), name="change"),
    path("preset/", views.ChoosePresetView.as_view(), name="choose-preset"),
    path("differences/", views.DifferencesView.as_view(), name="differences"),
    path("not-settled/", views.UnsettledView.as_view(), name="unsettled"),
    path("history/", views.HistoryView.as_view(), name="history"),
    path("coming/", views.ComingView.as_view(), name="coming"),
    path("withdraw/<int:change>/", views.WithdrawChangeView.as_view(), name="withdraw-change"),
]
