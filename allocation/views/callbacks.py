"""Receipts that other systems call in, signed as our own messages are (docs/handover.md)."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import public
from allocation import handover
from core import webhooks

_MOST = 64 * 1024  # bytes of a receipt


@csrf_exempt
@public
@require_POST
def receipt(request: HttpRequest, destination: str) -> HttpResponse:
    """A receipt for one message: 403 unsigned or old, 409 for an id that was here before."""
    if destination not in handover.PUSHES:
        return JsonResponse({"error": "unknown system"}, status=404)
    if len(request.body) > _MOST:
        return JsonResponse({"error": "too long"}, status=413)
    try:
        message_id = webhooks.check(request.headers, request.body, settings.OUTBOX_SECRET)
        told = json.loads(request.body)
    except webhooks.NotSigned as wrong:
        return JsonResponse({"error": str(wrong)}, status=403)
    except ValueError:
        return JsonResponse({"error": "not JSON"}, status=400)
    # a message of our own sent back to us is signed, too, and is no receipt
    if not isinstance(told, dict) or told.get("kind") != "receipt":
        return JsonResponse({"error": "not a receipt"}, status=400)
    try:
        row = handover.receipt_called(destination, message_id, told)
    except handover.Replayed:
        return JsonResponse({"error": "this id was here before"}, status=409)
    if row is None:
        return JsonResponse({"error": "unknown key"}, status=404)
    return JsonResponse({"accepted": True})
