"""Addresses of signing by link, for families."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import signing, signing_copies, signing_images

urlpatterns: list[URLPattern] = [
    path("sign/", signing.VisitView.as_view(), name="sign-visit"),
    path("sign/anew/", signing.AskAnewView.as_view(), name="sign-anew"),
    path("sign/asked/", signing.AskedView.as_view(), name="sign-asked"),
    path("sign/stopped/", signing.StoppedView.as_view(), name="sign-stopped"),
    path("sign/<int:link_item>/", signing.ReadItemView.as_view(), name="sign-item"),
    path("sign/<int:link_item>/not-mine/", signing.NotMyChildView.as_view(), name="sign-not-mine"),
    path("sign/<int:link_item>/check/", signing.CheckItemView.as_view(), name="sign-check"),
    path("sign/<int:link_item>/sent/", signing.SentItemView.as_view(), name="sign-sent"),
    path("sign/<int:link_item>/print/", signing_copies.PrintItemView.as_view(), name="sign-print"),
    path("sign/<int:link_item>/copy/", signing_copies.CopyItemView.as_view(), name="sign-copy"),
    path("sign/<int:link_item>/images/", signing_images.AnswerItemView.as_view(), name="sign-images"),
    path("sign/<int:link_item>/images/check/", signing_images.CheckAnswersView.as_view(), name="sign-images-check"),
    path("sign/<int:link_item>/images/sent/", signing_images.AnsweredView.as_view(), name="sign-images-sent"),
    path("sign/<str:token>/", signing.OpenLinkView.as_view(), name="sign-link"),
]
