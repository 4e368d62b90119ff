"""Sign-in by one click. The address exists in the demo only, and so does what it does."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import demo, landing, sessions
from accounts.access import public
from accounts.models import User
from core import audit


@public
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """One button per post."""
    _only_in_the_demo()
    demo.ensure()
    keys = [one.key for one in demo.posts() if one.shown]
    users = User.objects.filter(username__in=keys).select_related("staff__bureau")
    found = {user.username: user for user in users}
    return render(request, "accounts/demo_people.html", {"people": [found[key] for key in keys]})


@public
@require_POST
def sign_in_as(request: HttpRequest, key: str) -> HttpResponse:
    """Signs in as a post of the demo, or as `citizen-<number>`, and goes to `next`."""
    _only_in_the_demo()
    try:
        user = demo.user_of(key)
    except demo.NoSuchPost:
        raise Http404 from None
    sessions.begin(request, user, alone=False)
    audit.record("signed_in", by=user, way="demo")
    return redirect(landing.local(request.POST.get("next")) or landing.home(user))


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404
