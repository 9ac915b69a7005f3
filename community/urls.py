from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.utils.module_loading import import_string

from accounts.views.codes import (
    ConfirmEmailVerificationCodeView,
    ConfirmLoginCodeView,
    ConfirmPasswordResetCodeView,
)
from accounts.views.signup import SignupByPasskeyView, SignupView, SocialSignupView
from api.v1.api import api
from posts.models import Post

# The admin uses the same sign-in form and limits as the site.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth's documentation says

provider_urls = []
if settings.MAIL_PROVIDER:
    from community.mail_provider import webhook_urls

    provider_urls = [path("anymail/", include((webhook_urls(settings.MAIL_PROVIDER), "anymail")))]

urlpatterns = [
    path("", include("core.urls")),
    path("", include("posts.urls")),
    path("", include("comments.urls")),
    path("members/", include("accounts.urls")),
    path("", include("moderation.urls")),
    path("", include("notifications.urls")),
    path("", include("memorials.urls")),
    path("", include("birthdays.urls")),
    path("", include("events.urls")),
    path("", include("party.urls")),
    path("", include("rooms.urls")),
    path("", include("giving.urls")),
    path("", include("board.urls")),
    path("", include("closer.urls")),
    path("", include("decisions.urls")),
    path("", include("search.urls")),
    path("", include("transfer.urls")),
    path("", include("dashboard.urls")),
    path("", include("api.urls")),
    path("api/v1/", api.urls),
    path("", include("webmention.urls")),
    path("", include("embed.urls")),
    path("accounts/signup/", SignupView.as_view(), name="account_signup"),
    path("accounts/signup/passkey/", SignupByPasskeyView.as_view(), name="account_signup_by_passkey"),
    path("accounts/3rdparty/signup/", SocialSignupView.as_view(), name="socialaccount_signup"),
    path("accounts/login/code/confirm/", ConfirmLoginCodeView.as_view(), name="account_confirm_login_code"),
    path(
        "accounts/password/reset/confirm/",
        ConfirmPasswordResetCodeView.as_view(),
        name="account_confirm_password_reset_code",
    ),
    path(
        "accounts/confirm-email/",
        ConfirmEmailVerificationCodeView.as_view(),
        name="account_email_verification_sent",
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    *provider_urls,
    # Pages of the host may have any other URL. Keep this the last one.
    path(
        "<page_slug:slug>/",
        import_string(settings.POST_DETAIL_VIEW).as_view(post_kind=Post.Kind.PAGE),
        name="page",
    ),
]

handler400 = "core.web.views.bad_request"
handler403 = "core.web.views.permission_denied"
handler404 = "core.web.views.page_not_found"
handler500 = "core.web.views.server_error"
handler429 = "accounts.views.security.too_many_requests"  # django-allauth's
