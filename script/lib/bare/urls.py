"""One address: the bare hand-in."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST

from bare.models import HandIn, Pupil


@require_POST
@login_required
def hand_in(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        pupil = Pupil.objects.get(number=request.POST["code"])
        HandIn.objects.create(pupil=pupil, by=request.user)
    return HttpResponseRedirect("/")


urlpatterns = [path("hand-in/", hand_in)]
