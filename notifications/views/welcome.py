"""The first steps of a new member: name and picture, notifications, where to begin. Each can be skipped."""

from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from accounts.forms.welcome import NameAndPictureForm
from accounts.models import User
from accounts.views.access import MemberRequest, MemberRequiredMixin
from notifications.forms import RepliesForm
from posts.models import Post

STEPS = 3
StepForm = NameAndPictureForm | RepliesForm
POSTS_SHOWN = 3


class WelcomeView(MemberRequiredMixin, View):
    """`?step=1` to 3; anything else is the first. A POST saves a step and continues with the next."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return self.show(request, self.form_of(request))

    def post(self, request: MemberRequest) -> HttpResponse:
        form = self.form_of(request)
        if form is None:
            return redirect("posts:home")
        try:
            if form.is_valid():
                form.save()
                return redirect(f"{reverse('notifications:welcome')}?step={self.step(request) + 1}")
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "display_name", error)
        return self.show(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def step(self, request: HttpRequest) -> int:
        given = request.GET.get("step", "")
        return int(given) if given in {"2", "3"} else 1

    def form_of(self, request: MemberRequest) -> StepForm | None:
        data = request.POST or None
        match self.step(request):
            case 1:
                # A separate instance, so that unsaved input does not appear in the page header.
                member = User.objects.get(pk=request.user.pk)
                return NameAndPictureForm(data, request.FILES or None, instance=member)
            case 2:
                return RepliesForm(data, member=request.user)
        return None

    def show(
        self, request: MemberRequest, form: StepForm | None, status: HTTPStatus = HTTPStatus.OK
    ) -> HttpResponse:
        step = self.step(request)
        context = {
            "form": form,
            "step": step,
            "steps": STEPS,
            "posts": self.posts(request) if step == STEPS else [],
        }
        return render(request, "notifications/welcome.html", context, status=status)

    def posts(self, request: MemberRequest) -> list[Post]:
        """Of the newest posts, those with the most comments."""
        newest = Post.objects.listed_for(request.user).newest_first().with_author()[: 4 * POSTS_SHOWN]
        return sorted(newest, key=lambda post: -post.comment_count)[:POSTS_SHOWN]
