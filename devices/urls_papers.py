"""Addresses of documents, of their wording, and of the figures."""

from django.urls import path

from devices.enums import DocumentKind
from devices.views import figures, papers, wording

paper_urls = [
    path("custody/<int:custody>/papers/", papers.StayPapersView.as_view(), name="papers"),
    path("searches/<int:search>/papers/", papers.SearchPapersView.as_view(), name="search-papers"),
    path("losses/<int:loss>/claim/", papers.ClaimPackView.as_view(), name="claim-pack"),
    path("papers/letters/", papers.LettersView.as_view(), name="letters"),
    path("papers/<int:issued_document>/", papers.IssuedDocumentView.as_view(), name="issued-document"),
    path("wording/", wording.WordingsView.as_view(), name="wordings"),
    path("wording/receipt/", wording.WordingView.as_view(kind=DocumentKind.RECEIPT), name="wording-receipt"),
    path("wording/letter/", wording.WordingView.as_view(kind=DocumentKind.LETTER), name="wording-letter"),
    path("wording/slip/", wording.WordingView.as_view(kind=DocumentKind.SLIP), name="wording-slip"),
    path("figures/", figures.FiguresView.as_view(), name="figures"),
    path("figures/csv/", figures.FiguresCsvView.as_view(), name="figures-csv"),
]
