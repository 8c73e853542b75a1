"""Addresses of policy documents and acknowledgements."""

from django.urls import path

from policies import views

app_name = "policies"

urlpatterns = [
    path("improvements/", views.ImprovementsView.as_view(), name="improvements"),
    path("improvements/<int:improvement>/", views.DecideImprovementView.as_view(), name="decide-improvement"),
    path("procedures/", views.ProceduresView.as_view(), name="procedures"),
    path("home-learning/", views.ShowHomeLearningView.as_view(), name="home-learning"),
    path("home-learning/version/", views.SetVersionView.as_view(), name="set-version"),
    path("home-learning/forms/<int:form>/", views.AcknowledgeFormView.as_view(), name="acknowledge-form"),
    path("home-learning/pupils/<int:pupil>/", views.AcknowledgeView.as_view(), name="acknowledge"),
]
