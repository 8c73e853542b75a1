"""Addresses of what staff declare, passwords and equipment."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import conduct, disclosures, equipment

_ONE = "declarations/<int:declaration>/"

urlpatterns: list[URLPattern] = [
    path("declarations/", conduct.DeclarationsView.as_view(), name="declarations"),
    path("declarations/declare/", conduct.DeclareView.as_view(), name="declare"),
    path(_ONE, conduct.DeclarationView.as_view(), name="declaration"),
    path(f"{_ONE}consult/", conduct.ConsultView.as_view(), name="consult"),
    path(f"{_ONE}advise/", conduct.AdviseView.as_view(), name="advise"),
    path(f"{_ONE}decide/", conduct.DecideDeclarationView.as_view(), name="decide-declaration"),
    path(f"{_ONE}record/", conduct.PutOnRecordView.as_view(), name="put-on-record"),
    path(f"{_ONE}close/", conduct.CloseDeclarationView.as_view(), name="close-declaration"),
    path("passwords/", disclosures.DisclosuresView.as_view(), name="disclosures"),
    path("passwords/ask/", disclosures.AskDisclosureView.as_view(), name="ask-disclosure"),
    path("passwords/<int:disclosure>/", disclosures.DisclosureView.as_view(), name="disclosure"),
    path("passwords/<int:disclosure>/decide/", disclosures.DecideDisclosureView.as_view(), name="decide-disclosure"),
    path("passwords/<int:disclosure>/disclosed/", disclosures.ConfirmDisclosedView.as_view(), name="confirm-disclosed"),
    path("passwords/<int:disclosure>/reset/", disclosures.ConfirmResetView.as_view(), name="confirm-reset"),
    path("equipment/", equipment.EquipmentView.as_view(), name="equipment"),
    path("equipment/authorise/", equipment.AuthoriseEquipmentView.as_view(), name="authorise-equipment"),
    path(
        "equipment/<int:equipment_use>/withdraw/", equipment.WithdrawEquipmentView.as_view(), name="withdraw-equipment"
    ),
]
