"""Addresses of the review, the public notices and the check of letters."""

from django.urls import path

from applications.views import correction, inquiries, letters, public, queue, review, supplement

urlpatterns = [
    path("review/", queue.queue, name="review_queue"),
    path("review/sign/", review.signing, name="review_signing"),
    path("review/sign/<int:pk>/", review.sign, name="review_sign"),
    path("review/letters/<int:pk>.pdf", review.letter_pdf, name="letter_preview"),
    path("review/reconsider/<int:pk>/", review.reconsideration, name="review_reconsideration"),
    path("review/publicity/", review.notices, name="review_notices"),
    path("review/objections/<int:pk>/", review.objection, name="review_objection"),
    path("review/objections/<int:pk>/refuse/", review.refuse_after_objection, name="review_refuse"),
    path("review/checks/", inquiries.listed, name="review_inquiries"),
    path("review/checks/<int:pk>/", inquiries.one, name="review_inquiry"),
    path("review/<int:pk>/", review.task, name="review_task"),
    path("review/<int:pk>/claim/", review.claim, name="review_claim"),
    path("review/<int:pk>/release/", review.release, name="review_release"),
    path("review/<int:pk>/history/<int:evidence>/", review.source_history, name="review_history"),
    path("review/<int:pk>/return/", correction.ask, name="review_return"),
    path("my/case/<str:case_no>/correct/", correction.answer, name="my_correct"),
    path("my/case/<str:case_no>/bring/", supplement.bring, name="my_bring"),
    path(
        "my/case/<str:case_no>/decision-<int:pk>.pdf", letters.decision_pdf, name="my_decision_pdf"
    ),
    path("public/notices/", public.notices, name="public_notices"),
    path("public/notices/<int:pk>/object/", public.object_to, name="public_object"),
    path("public/notices/objected/", public.objected, name="public_objected"),
    path("letter/", public.letter, name="letter_check"),
]
