"""Claims of imported guest comments.

Members who confirm an address are asked whether its comments are theirs; a yes assigns them.

Nothing is asked or answered for an address that is not confirmed. Assigned comments keep the guest's details
beside the member, so that a yes can be undone.
"""

from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.models import User
from comments.models import Comment, CommentClaim, Thanks
from comments.models.querysets import CommentQuerySet
from comments.services.writing import touch
from comments.signals import comments_rewritten
from core.utils.locks import lock_row
from posts.models import Post

SHOWN = 10


def ask_about(member: User, email: str) -> CommentClaim | None:
    """Ask the member once if a guest wrote with this address, which must be confirmed."""
    email = email.lower()
    if not Comment.objects.of_guest(email).exists():
        return None
    claim, _is_new = CommentClaim.objects.get_or_create(member=member, email=email)
    return claim


def ask_existing_members() -> int:
    """Ask existing members after an import. Returns the number of addresses asked about."""
    guests = (
        Comment.objects.public().filter(author=None).exclude(guest_email="").order_by().values("guest_email")
    )
    found = EmailAddress.objects.filter(verified=True, email__in=guests, user__is_active=True).select_related(
        "user"
    )
    return sum(ask_about(address.user, address.email) is not None for address in found)


def forget_question(member: User, email: str) -> None:
    """Delete open questions about an address that the member has removed."""
    CommentClaim.objects.filter(member=member, email=email.lower(), answer=CommentClaim.Answer.NONE).delete()


@dataclass
class Question:
    """A claim as shown on its page."""

    claim: CommentClaim
    count: int
    first_year: int
    last_year: int
    newest: list[Comment] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.newest)

    @property
    def years(self) -> str:
        """The years of the comments in question, such as "2009" or "2009–2012"."""
        return (
            str(self.last_year)
            if self.first_year == self.last_year
            else f"{self.first_year}–{self.last_year}"
        )


def questions_of(member: User, *, with_comments: bool = False) -> list[Question]:
    """A member's open and answered questions that still have comments, the open ones first."""
    found = []
    for claim in CommentClaim.objects.filter(member=member).order_by("pk"):
        rows = comments_of(claim)
        facts = rows.aggregate(count=Count("pk"), first=Min("created_at"), last=Max("created_at"))
        if facts["count"]:
            first, last = (timezone.localtime(facts[end]).year for end in ("first", "last"))
            newest = (
                list(rows.select_related("post", "author").newest_first()[:SHOWN]) if with_comments else []
            )
            found.append(Question(claim, facts["count"], first, last, newest))
    return sorted(found, key=lambda question: bool(question.claim.answer))


def open_questions(member: User) -> list[Question]:
    return [question for question in questions_of(member) if not question.claim.answer]


def comments_of(claim: CommentClaim) -> CommentQuerySet:
    """The comments that the claim is about: the guest's public ones, and those assigned already."""
    joined = Comment.objects.filter(author=claim.member_id, guest_email=claim.email)
    return (joined | Comment.objects.of_guest(claim.email)).on_published_posts()


@transaction.atomic
def answer_claim(claim: CommentClaim, *, is_theirs: bool) -> None:
    """Store the answer, whether first or changed, and enqueue the assignment of the comments.

    Raises ValidationError for a yes with an address that is not (or no longer) confirmed, or if another
    member has claimed the comments.
    """
    claim = lock_row(CommentClaim.objects, claim.pk)
    if is_theirs and not is_confirmed(claim):
        raise ValidationError(
            _("Confirm the address %(email)s first, so that we know it’s yours.") % {"email": claim.email},
            code="unconfirmed",
        )
    if (
        is_theirs
        and CommentClaim.objects.filter(email=claim.email, answer=CommentClaim.Answer.YES)
        .exclude(pk=claim.pk)
        .exists()
    ):
        raise ValidationError(_("Another member has already claimed these comments."), code="taken")
    claim.answer = CommentClaim.Answer.YES if is_theirs else CommentClaim.Answer.NO
    claim.answered_at = timezone.now()
    claim.save(update_fields=["answer", "answered_at"])
    follow_answer.enqueue(claim.pk)


def is_confirmed(claim: CommentClaim) -> bool:
    """Whether the address is still among the member's confirmed ones."""
    return EmailAddress.objects.filter(
        user=claim.member_id, email__iexact=claim.email, verified=True
    ).exists()


@task()
def follow_answer(claim_pk: int) -> None:
    settle(claim_pk)


def settle(claim_pk: int) -> int:
    """Apply the answer to the comments, post by post. Returns how many changed.

    It may be interrupted and run again. The answer may change in between, so it is read again for each
    post. No one is notified.
    """
    changed = 0
    while True:
        claim = CommentClaim.objects.filter(pk=claim_pk).first()
        post_id = (
            _to_change(claim).order_by("post_id").values_list("post_id", flat=True).first() if claim else None
        )
        if post_id is None:
            return changed
        with transaction.atomic():
            post = lock_row(Post.objects, post_id)
            claim = lock_row(CommentClaim.objects, claim_pk)
            changed += _settle_post(claim, post)


def _to_change(claim: CommentClaim) -> CommentQuerySet:
    if claim.answer == CommentClaim.Answer.YES and is_confirmed(claim):
        return Comment.objects.of_guest(claim.email)
    if claim.answer == CommentClaim.Answer.NO:
        return Comment.objects.filter(author=claim.member_id, guest_email=claim.email).exclude(guest_name="")
    return Comment.objects.none()


def _settle_post(claim: CommentClaim, post: Post) -> int:
    comments = list(_to_change(claim).filter(post=post).values_list("pk", flat=True))
    is_theirs = claim.answer == CommentClaim.Answer.YES
    if is_theirs:  # members cannot thank themselves
        own = Thanks.objects.filter(member=claim.member_id, comment__in=comments)
        Comment.objects.filter(pk__in=list(own.values_list("comment", flat=True))).update(
            thanks_count=F("thanks_count") - 1
        )
        own.delete()
    changed = Comment.objects.filter(pk__in=comments).update(author=claim.member_id if is_theirs else None)
    comments_rewritten.send(sender=Comment, comments=comments)
    touch(post)
    return changed
