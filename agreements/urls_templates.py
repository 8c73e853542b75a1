"""Addresses of templates of agreements, their versions, points and languages, and of who has declared."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import declared, templates, translations

_VERSION = "templates/versions/<int:template_draft>/"
_CLAUSE = "templates/points/<int:clause>/"
_LANGUAGE = "templates/languages/<int:translation>/"

urlpatterns: list[URLPattern] = [
    path("templates/", templates.TemplatesView.as_view(), name="templates"),
    path("templates/start/", templates.StartTemplateView.as_view(), name="start-template"),
    path("templates/<int:template>/draft/", templates.StartVersionView.as_view(), name="start-version"),
    path("templates/<int:template>/retire/", templates.RetireTemplateView.as_view(), name="retire-template"),
    path(_VERSION, templates.TemplateVersionView.as_view(), name="template-version"),
    path(f"{_VERSION}change/", templates.EditVersionView.as_view(), name="edit-version"),
    path(f"{_VERSION}add/", templates.AddClauseView.as_view(), name="add-clause"),
    path(f"{_VERSION}publish/", templates.PublishTemplateView.as_view(), name="publish-template"),
    path(f"{_VERSION}preview/", templates.PreviewTemplateView.as_view(), name="preview-template"),
    path(f"{_VERSION}compare/", templates.CompareTemplateView.as_view(), name="compare-template"),
    path(f"{_CLAUSE}change/", templates.EditClauseView.as_view(), name="edit-clause"),
    path(f"{_CLAUSE}move/", templates.MoveClauseView.as_view(), name="move-clause"),
    path(f"{_VERSION}language/", translations.AddTranslationView.as_view(), name="add-translation"),
    path(_LANGUAGE, translations.TranslationView.as_view(), name="translation"),
    path(f"{_LANGUAGE}write/", translations.EditTranslationView.as_view(), name="edit-translation"),
    path(f"{_LANGUAGE}check/", translations.CheckTranslationView.as_view(), name="check-translation"),
    path(f"{_LANGUAGE}remove/", translations.RemoveTranslationView.as_view(), name="remove-translation"),
    path("account-managers/", declared.AccountManagersView.as_view(), name="account-managers"),
    path("account-managers/list/", declared.AccountManagersListView.as_view(), name="account-managers-list"),
    path("staff-declared/", declared.StaffDeclaredView.as_view(), name="staff-declared"),
    path("staff-declared/list/", declared.StaffDeclaredListView.as_view(), name="staff-declared-list"),
]
