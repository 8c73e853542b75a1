"""Addresses of the rules, inside a school."""

from django.urls import path

from core.rules.views import changing, looking

app_name = "rules"
urlpatterns = [
    path("", looking.OverviewView.as_view(), name="overview"),
    path("section/<slug:section>/", looking.SectionView.as_view(), name="section"),
    path("rule/<str:key>/", looking.RuleView.as_view(), name="rule"),
    path("change/<str:key>/", changing.ChangeRuleView.as_view(), name="change"),
    path("preset/", changing.ChoosePresetView.as_view(), name="choose-preset"),
    path("differences/", looking.DifferencesView.as_view(), name="differences"),
    path("not-settled/", looking.UnsettledView.as_view(), name="unsettled"),
    path("history/", looking.HistoryView.as_view(), name="history"),
    path("coming/", looking.ComingView.as_view(), name="coming"),
    path("withdraw/<int:change>/", changing.WithdrawChangeView.as_view(), name="withdraw-change"),
]
