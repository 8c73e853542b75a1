"""Small plumbing layers: a request id for the log, what a page may use of the device, and htmx's needs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdMiddleware:
    """Give each request an id that the log lines and the error page share."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identity = uuid.uuid4().hex[:12]
        token = request_id.set(identity)
        request.request_id = identity  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = identity
        return response


class DevicePolicyMiddleware:
    """Close the device's camera, microphone and place to every page; a desk's own page may open its camera."""

    CLOSED = "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), payment=()"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        view = getattr(match.func, "view_class", None) if match is not None else None
        opened = "camera=(self)" if getattr(view, "uses_camera", False) else "camera=()"
        response.headers.setdefault("Permissions-Policy", self.CLOSED.replace("camera=()", opened))
        return response


class HtmxMiddleware:
    """Turn a redirect into `HX-Redirect` so that a page never lands inside a fragment, and hand messages over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        if not getattr(request, "htmx", False):
            return response
        if 300 <= response.status_code < 400 and "Location" in response:
            replacement = HttpResponse(status=200)
            replacement.cookies = response.cookies
            replacement["HX-Redirect"] = response["Location"]
            return replacement
        if "HX-Redirect" in response or "HX-Trigger" in response:
            return response
        waiting = [{"level": m.level_tag, "text": str(m)} for m in get_messages(request)]
        if waiting:
            response["HX-Trigger"] = json.dumps({"schoolsafe:messages": waiting})
        return response
