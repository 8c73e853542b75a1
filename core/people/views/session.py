"""Pages about the session itself: choose a school, lock, unlock and go on where you were, sign out everywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import View

from core.kit.refusals import Refusal
from core.people import desk, operations
from core.people.forms import DeskPinForm, UnlockForm
from core.people.held import end_session, held_for, let_go, path_held
from core.people.middleware import begin_session, has_run_out, idle_limit
from core.people.models import User
from core.people.queries import holdings_of, schools_of

_TRIES = 5


class ChooseSchoolView(View):
    """The front door: straight into the only school, or a list to choose from; from a desk back to the desk."""

    on_desk = True

    def get(self, request: HttpRequest) -> HttpResponse:
        schools = schools_of(request.user)
        own = next((school for school in schools if school.pk == request.session.get("desk_only")), None)
        if own is not None:
            return redirect(desk.home_of(own))
        if len(schools) == 1:
            return redirect("overview:home", school=schools[0].slug)
        return render(request, "people/choose_school.html", {"schools": schools})


class LockView(View):
    """Lock this browser now; the page and what was typed come back after unlocking."""

    on_desk = True

    def post(self, request: HttpRequest) -> HttpResponse:
        request.session["locked"] = True
        back = request.headers.get("Referer", "")
        if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
            request.session["locked_at_path"] = "/" + back.split("/", 3)[3] if back.count("/") >= 3 else "/"
        return redirect("session:unlock")


class UnlockView(View):
    """Ask for the password of the person who is signed in; five wrong tries end the session.

    On an enrolled computer the PIN of anybody who may use its desk comes first (security §5.5). What a PIN opened, no
    password opens again: a password alone is not the way in of somebody who needs a second step.
    """

    open_while_locked = True
    on_desk = True

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.session.get("locked"):
            return redirect("/")
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.session.get("locked"):
            return redirect("/")
        if has_run_out(request):
            end_session(request)
            return redirect("account_login")
        return self._by_pin(request) if "pin" in request.POST else self._by_password(request)

    def _by_pin(self, request: HttpRequest) -> HttpResponse:
        form = DeskPinForm(request.POST)
        if not form.is_valid():
            return self._page(request, pin_form=form, status=422)
        try:
            opened = operations.unlock_with_pin(
                key=desk.key_of(request), pin=form.cleaned_data["pin"], at=timezone.now()
            )
        except Refusal as refusal:
            form.add_refusal(refusal)
            return self._page(request, pin_form=form, status=422)
        return HttpResponseRedirect(desk.open_for(request, opened))

    def _by_password(self, request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)
        if "desk_only" in request.session:
            return self._page(request, status=422)
        form = UnlockForm(request.POST)
        if not form.is_valid():
            return self._page(request, form=form, status=422)
        if not request.user.check_password(form.cleaned_data["password"]):
            tries = int(request.session.get("unlock_tries", 0)) + 1
            request.session["unlock_tries"] = tries
            if tries >= _TRIES:
                end_session(request)
                messages.error(request, "Too many wrong passwords. Sign in again.")
                return redirect("account_login")
            form.add_error("password", "That password is not right. Try again, or sign out and let somebody else in.")
            return self._page(request, form=form, status=422)
        request.session.pop("unlock_tries", None)
        begin_session(request)
        request.session.cycle_key()
        desk.signed_in_fully(request, request.user)
        if held_for(request) is not None:
            return redirect("session:continue")
        path = request.session.pop("locked_at_path", "/")
        safe = url_has_allowed_host_and_scheme(path, allowed_hosts={request.get_host()})
        return HttpResponseRedirect(path if safe and path.startswith("/") else "/")

    @staticmethod
    def _page(
        request: HttpRequest, *, form: UnlockForm | None = None, pin_form: DeskPinForm | None = None, status: int = 200
    ) -> HttpResponse:
        device, held = desk.desk_at(request), path_held(request.session)
        takes_pins = desk.takes_pins(device)
        desk_only = "desk_only" in request.session
        context = {
            "form": form or UnlockForm(focus=not takes_pins),
            "pin_form": (pin_form or DeskPinForm()) if takes_pins else None,
            "pin_refused": pin_form is not None and not takes_pins,
            "device": device,
            "desk_only": desk_only,
            "kept": bool(held),
            "kept_for_pin": bool(held and device is not None and desk.is_on_desk(held, device.school)),
            "back": request.session.get("locked_at_path", "/"),
        }
        return render(request, "people/unlock.html", context, status=status)


class ContinueView(View):
    """After unlocking: send on what was being sent when the lock fell, or let it go. Nothing is sent by itself."""

    on_desk = True

    def get(self, request: HttpRequest) -> HttpResponse:
        held = held_for(request)
        if held is None:
            return redirect("/")
        shown = [
            (name.replace("_", " ").capitalize(), value)
            for name, value in held.fields
            if value and name not in {"submission", "version"}
        ]
        context = {"path": held.path, "fields": held.fields, "shown": shown}
        return render(request, "people/continue.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        let_go(request)
        messages.info(request, "Nothing was sent. What you had typed is gone.")
        return redirect(request.session.pop("locked_at_path", "/"))


class ExtendView(View):
    """The "Stay signed in" button of the time-out warning."""

    on_desk = True

    def post(self, request: HttpRequest) -> HttpResponse:
        begin_session(request)
        if getattr(request, "htmx", False) or request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"seconds": idle_limit(request)})
        return redirect("/")


class SignOutEverywhereView(View):
    """End every session of this person, on every device, this one included."""

    def post(self, request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)
        operations.sign_out_everywhere(user=request.user, actor=request.user, at=timezone.now())
        logout(request)
        messages.success(request, "You are signed out on every device.")
        return redirect("account_login")


class YourAccountView(View):
    """What the account is, which roles it holds where, and the ways to secure it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context: dict[str, Any] = {"holdings": holdings_of(request.user), "security_url": reverse("mfa_index")}
        context["has_desk"] = bool(desk.schools_with_desk(request.user))
        return render(request, "people/your_account.html", context)
