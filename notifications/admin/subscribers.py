"""The admin of subscribers and posts by email."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.views.access import MemberRequest
from core.utils.dates import date_format
from notifications.admin.emails import LookOnlyAdmin
from notifications.forms import MailingForm, SubscriberFileForm
from notifications.models import Mailing, Subscriber
from notifications.models.mailing import SubscriberQuerySet
from notifications.services.mailings import (
    Report,
    cancel_mailing,
    mailing_of,
    next_issue_at,
    plan_mailing,
    reach_of,
    report_of,
    reports_of,
    send_test,
)
from notifications.services.subscriber_csv import export_lines, import_subscribers
from posts.models import Post


class SubscriptionFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("subscribed", _("subscribed")),
            ("undeliverable", _("email can’t be delivered")),
            ("unsubscribed", _("unsubscribed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        subscribers = cast(SubscriberQuerySet, queryset)
        match self.value():
            case "subscribed":
                return subscribers.filter(unsubscribed_at=None, is_undeliverable=False)
            case "undeliverable":
                return subscribers.filter(unsubscribed_at=None, is_undeliverable=True)
            case "unsubscribed":
                return subscribers.unsubscribed()
        return subscribers


@admin.register(Subscriber)
class SubscriberAdmin(LookOnlyAdmin):
    """People subscribe themselves or are imported with their consent.

    Hosts can only unsubscribe or delete them.
    """

    list_display = ["email", "state", "rhythm", "source", "confirmed_at"]
    list_filter = [SubscriptionFilter, "rhythm", "source"]
    search_fields = ["email"]
    ordering = ["-confirmed_at", "-pk"]
    actions = ["unsubscribe_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        return cast(SubscriberQuerySet, super().get_queryset(request)).with_delivery()

    @admin.display(description=gettext_lazy("status"))
    def state(self, subscriber: Subscriber) -> str:
        if subscriber.unsubscribed_at:
            when = date_format(timezone.localtime(subscriber.unsubscribed_at), "SHORT_DATE_FORMAT")
            return _("unsubscribed on %(when)s") % {"when": when}
        is_undeliverable = getattr(subscriber, "is_undeliverable")  # noqa: B009 - a column of get_queryset
        return _("email can’t be delivered") if is_undeliverable else _("subscribed")

    def has_edit_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_subscriber")

    @admin.action(description=gettext_lazy("Unsubscribe the selected addresses"), permissions=["edit"])
    def unsubscribe_selected(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        keys = list(cast(SubscriberQuerySet, queryset).active().values_list("pk", flat=True))
        count = Subscriber.objects.active().filter(pk__in=keys).update(unsubscribed_at=timezone.now())
        message = ngettext("%(count)d address unsubscribed.", "%(count)d addresses unsubscribed.", count)
        self.message_user(request, message % {"count": count})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export_view), name="notifications_subscriber_export"),
            path("import/", view(self.import_view), name="notifications_subscriber_import"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Subscriber.objects.order_by("pk").iterator(chunk_size=1000)
        response = StreamingHttpResponse(export_lines(rows), content_type="text/csv; charset=utf-8")
        name = f"subscribers-{timezone.localdate().isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_edit_permission(request):
            raise PermissionDenied
        form = SubscriberFileForm(request.POST or None, request.FILES or None)
        result = None
        if form.is_valid():
            try:
                result = import_subscribers(form.cleaned_data["file"].read())
            except ValidationError as error:
                form.add_error("file", error)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import subscribers"),
            "opts": self.opts,
            "form": form,
            "result": result,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/notifications/subscriber/import.html", context, status=status)


@admin.register(Mailing)
class MailingAdmin(LookOnlyAdmin):
    """What was sent by email, with results, and the page on which the host decides about a post."""

    list_display = [
        "name",
        "content_sent",
        "started_at",
        "sent",
        "waiting",
        "bounced",
        "failed",
        "unsubscribed",
    ]
    list_display_links = None
    list_select_related = ["post"]
    ordering = ["-decided_at", "-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            rows = list(response.context_data["cl"].result_list)
            reports = reports_of(rows)
            for mailing in rows:
                mailing.report = reports[mailing.pk]
            response.context_data["cl"].result_list = rows
        return response

    @admin.display(description=gettext_lazy("post"))
    def name(self, mailing: Mailing) -> str:
        if mailing.post is None:
            day = date_format(mailing.week, "DATE_FORMAT") if mailing.week else ""
            return _("Weekly email of %(day)s") % {"day": day}
        page = reverse("admin:notifications_mailing_post", args=[mailing.post.pk])
        return format_html('<a href="{}">{}</a>', page, mailing.post.title)

    @admin.display(description=gettext_lazy("content"))
    def content_sent(self, mailing: Mailing) -> str:
        return mailing.get_content_display() if mailing.post_id else _("the summaries")

    @admin.display(description=gettext_lazy("sent"))
    def sent(self, mailing: Mailing) -> int:
        return _report(mailing).sent

    @admin.display(description=pgettext_lazy("to be sent", "waiting"))
    def waiting(self, mailing: Mailing) -> int:
        return _report(mailing).waiting

    @admin.display(description=gettext_lazy("bounced"))
    def bounced(self, mailing: Mailing) -> int:
        return _report(mailing).bounced

    @admin.display(description=gettext_lazy("given up"))
    def failed(self, mailing: Mailing) -> int:
        return _report(mailing).failed

    @admin.display(description=gettext_lazy("unsubscribed"))
    def unsubscribed(self, mailing: Mailing) -> int:
        return _report(mailing).unsubscribed

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.post_view)
        return [path("post/<int:pk>/", view, name="notifications_mailing_post"), *super().get_urls()]

    def post_view(self, request: MemberRequest, pk: int) -> HttpResponse:
        """Decide whether a post is sent by email, see who would get it, send a test.

        Afterwards, see the results.
        """
        if not request.user.has_perm("posts.publish_post"):
            raise PermissionDenied
        post = get_object_or_404(Post.objects.with_author(), pk=pk)
        mailing = mailing_of(post)
        initial = {"content": mailing.content if mailing else Mailing.Content.WHOLE}
        form = MailingForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            return self.act(request, post, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Send by email"),
            "subtitle": str(post),
            "opts": self.opts,
            "post": post,
            "form": form,
            "mailing": mailing,
            "report": report_of(mailing) if mailing and mailing.has_started else None,
            "reach": reach_of(post),
            "next_issue_at": next_issue_at(),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/notifications/mailing/post.html", context, status=status)

    def act(self, request: MemberRequest, post: Post, form: MailingForm) -> HttpResponse:
        content = form.cleaned_data["content"]
        if "_test" in request.POST:
            address = send_test(post, content, to=request.user)
            if address:
                messages.success(request, _("A test is on its way to %(address)s.") % {"address": address})
            else:
                messages.error(request, _("Your account has no confirmed email address that works."))
        elif "_cancel" in request.POST:
            if cancel_mailing(post):
                messages.success(request, _("This post won’t be sent by email."))
            else:
                messages.error(request, _("It’s already being sent."))
        else:
            mailing = plan_mailing(post, content)
            messages.success(request, self.result_message(post, mailing))
        return HttpResponseRedirect(request.path)

    def result_message(self, post: Post, mailing: Mailing) -> str:
        if mailing.has_started:
            return _("It’s already being sent.")
        if not post.is_announced:
            return _("The post will be sent once it’s no longer unlisted.")
        if post.is_published:
            return _("The post will be sent in about a minute. You can cancel until then.")
        return _("The post will be sent when it is published.")


def _report(mailing: Mailing) -> Report:
    report: Report = getattr(mailing, "report")  # noqa: B009 - set by the list
    return report
