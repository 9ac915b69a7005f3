"""Permissions: every URL, requested as visitor, member, moderator and host."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import CalendarAddress, DataExport, Introduction, ProfileLink, User
from birthdays.services.wishes import birthday_of
from comments.models import Comment, CommentClaim, PendingComment
from comments.services.guest_data import make_token
from comments.services.writing import set_status
from core.models import SiteSettings
from core.parts import parts
from decisions.models import Decision as Poll
from decisions.models import Guest
from decisions.services.inviting import link_of
from events.services.planning import propose_event
from memorials.services.keeping import Proposal, confirm, propose
from moderation.models import Decision
from moderation.services.decisions import decide
from moderation.services.members import make_appeal, suspend
from notifications.models import ReplyFeed
from posts.models import Post
from posts.services.review import make_preview_link
from tests.decisions.factories import make_poll, make_proposal
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment, switch_on
from tests.shared_rows import made_once

pytestmark = pytest.mark.sql

# The responses to GET for (visitor, another member, moderator, host). "in" is a redirect to sign-in (302).
# Names in capitals are rows that the fixture below creates.
READING = {
    "core:health": ("healthz", 200, 200, 200, 200),
    "core:ready": ("readyz", 200, 200, 200, 200),
    "dashboard:metrics": ("metrics", 404, 404, 404, 404),
    "core:announcement-dismiss": ("announcement/dismiss/", 405, 405, 405, 405),
    "core:language": ("language/", 405, 405, 405, 405),
    "core:theme": ("theme/", 405, 405, 405, 405),
    "core:guidelines": ("guidelines/", 200, 200, 200, 200),
    "core:house-rules": ("house-rules/", 301, 301, 301, 301),
    "core:favicon": ("favicon.ico", 302, 302, 302, 302),
    "core:manifest": ("manifest.webmanifest", 200, 200, 200, 200),
    "core:service-worker": ("sw.js", 200, 200, 200, 200),
    "core:offline": ("offline/", 200, 200, 200, 200),
    "core:security-txt": (".well-known/security.txt", 200, 200, 200, 200),
    "core:change-password": (".well-known/change-password", 302, 302, 302, 302),
    "core:stylesheet": ("site/120-book.css", 200, 200, 200, 200),
    "core:media": ("media/no/such.webp", 404, 404, 404, 404),
    "dashboard:invitation": ("invitations/forged/", 404, 404, 404, 404),
    "dashboard:setup": ("setup/forged/", 404, 404, 404, 404),
    "posts:home": ("", 200, 200, 200, 200),
    "posts:post-list": ("posts/", 200, 200, 200, 200),
    "posts:post-detail": ("posts/open/", 200, 200, 200, 200),
    "posts:post-detail, draft": ("posts/draft/", 404, 404, 404, 404),
    "posts:post-preview": ("posts/draft/preview/", 404, 404, 404, 200),
    "posts:shared-preview": ("preview/SECRET/", 200, 200, 200, 200),
    "posts:shared-preview, ended": ("preview/forged/", 404, 404, 404, 404),
    "posts:feed": ("feed/", 200, 200, 200, 200),
    "core:share-card": ("share/site/old.jpg", 302, 302, 302, 302),
    "posts:share-card": ("share/posts/OPEN/old.jpg", 302, 302, 302, 302),
    "posts:share-card, draft": ("share/posts/DRAFT/old.jpg", 404, 404, 404, 404),
    "posts:tag-share-card": ("share/tags/none/old.jpg", 404, 404, 404, 404),
    "accounts:member-share-card": ("members/wanda/share/old.jpg", 302, 302, 302, 302),
    "posts:sitemap": ("sitemap.xml", 200, 200, 200, 200),
    "posts:robots": ("robots.txt", 200, 200, 200, 200),
    "comments:comment-create": ("posts/open/comments/", 302, 302, 302, 302),
    "comments:post-feed": ("posts/open/feed/", 200, 200, 200, 200),
    "comments:post-feed, draft": ("posts/draft/feed/", 404, 404, 404, 404),
    "comments:post-live": ("posts/open/live/", 200, 200, 200, 200),
    "comments:post-live, draft": ("posts/draft/live/", 404, 404, 404, 404),
    "comments:comment-detail": ("comments/PUBLIC/", 302, 302, 302, 302),
    "comments:comment-detail, held": ("comments/HELD/", 404, 404, 302, 302),
    "comments:comment-reply": ("comments/PUBLIC/reply/", 302, 302, 302, 302),
    "comments:claim-list": ("comments/claims/", "in", 200, 200, 200),
    "comments:claim-answer": ("comments/claims/CLAIM/", "in", 405, 405, 405),
    "comments:comment-edit": ("comments/PUBLIC/edit/", "in", 403, 403, 403),
    "comments:comment-edit, held": ("comments/HELD/edit/", "in", 404, 403, 403),
    "comments:comment-delete": ("comments/PUBLIC/delete/", "in", 403, 403, 403),
    "comments:comment-history": ("comments/PUBLIC/history/", 200, 200, 200, 200),
    "comments:comment-history, held": ("comments/HELD/history/", 404, 404, 200, 200),
    "comments:comment-thanks": ("comments/PUBLIC/thanks/", 405, 405, 405, 405),
    "comments:comment-more": ("comments/PUBLIC/more/", 200, 200, 200, 200),
    "comments:comment-more, held": ("comments/HELD/more/", 404, 404, 200, 200),
    "comments:comment-bookmark": ("comments/PUBLIC/bookmark/", "in", 405, 405, 405),
    "comments:post-bookmark": ("posts/open/bookmark/", "in", 405, 405, 405),
    "comments:post-thanks": ("posts/open/thanks/", "in", 405, 405, 405),
    "comments:bookmark-list": ("members/me/bookmarks/", "in", 200, 200, 200),
    "comments:pending-detail": ("comments/unsent/PENDING/", 200, 200, 200, 200),
    # Signed-in members need no code and are redirected to the text.
    "comments:pending-edit": ("comments/unsent/PENDING/change/", 200, 302, 302, 302),
    "comments:pending-code": ("comments/unsent/PENDING/code/", 405, 302, 302, 302),
    "comments:pending-sign-in": ("comments/unsent/PENDING/sign-in/", 405, 302, 302, 302),
    "comments:pending-delete": ("comments/unsent/PENDING/throw-away/", 405, 405, 405, 405),
    "comments:pending-confirm": ("comments/unsent/PENDING/forged/", 302, 302, 302, 302),
    "comments:pending-detail, nobody's": (
        "comments/unsent/00000000-0000-4000-8000-000000000000/",
        404,
        404,
        404,
        404,
    ),
    "comments:picture-create": ("comments/pictures/", 405, 405, 405, 405),
    "comments:member-names": ("members/names/", 403, 200, 200, 200),
    "comments:oembed": ("oembed?url=http://testserver/posts/open/", 200, 200, 200, 200),
    "comments:oembed, held": ("oembed?url=http://testserver/comments/HELD/", 404, 404, 404, 404),
    "comments:feed": ("feed/comments/", 200, 200, 200, 200),
    "accounts:member-list": ("members/", 200, 200, 200, 200),
    "accounts:own-page": ("members/me/", "in", 302, 302, 302),
    "accounts:member-edit": ("members/me/edit/", "in", 200, 200, 200),
    "accounts:link-list": ("members/me/links/", "in", 200, 200, 200),
    "accounts:link-check": ("members/me/links/LINK/check/", "in", 405, 405, 405),
    "accounts:calendar-address-edit": ("members/me/calendars/", "in", 405, 405, 405),
    "accounts:mfa-setup": ("members/me/second-step/", "in", 302, 302, 302),
    "accounts:session-end": ("members/me/devices/1/end/", "in", 405, 405, 405),
    "accounts:link-followed": ("members/links/LINK/followed/", 405, 405, 405, 405),
    "accounts:member-card": ("members/wanda/card.vcf", 200, 200, 200, 200),
    "accounts:member-code": ("members/wanda/code.svg", 200, 200, 200, 200),
    "accounts:people": ("members/me/people/", "in", 200, 200, 200),
    "accounts:introduction-answer": ("members/me/introductions/INTRODUCTION/", "in", 302, 302, 302),
    "accounts:member-follow": ("members/wanda/follow/", "in", 405, 405, 405),
    "accounts:data": ("members/me/data/", "in", 200, 200, 200),
    "accounts:export-create": ("members/me/data/export/", "in", 405, 405, 405),
    "accounts:export-download": ("members/me/data/export/EXPORT/", "in", 302, 302, 302),
    "accounts:merge": ("members/me/merge/", "in", 302, 302, 302),
    "accounts:merge-confirm": ("members/me/merge/forged/", "in", 302, 302, 302),
    "accounts:leave": ("members/me/leave/", "in", 302, 403, 403),
    "accounts:stay": ("members/stay/forged/", 404, 404, 404, 404),
    "accounts:member-mute": ("members/wanda/mute/", "in", 405, 405, 405),
    "accounts:introduction-create": ("members/wanda/introduction/", "in", 200, 200, 200),
    "accounts:introduction-create, closed": ("members/nora/introduction/", "in", 404, 404, 403),
    "accounts:member-detail": ("members/wanda/", 200, 200, 200, 200),
    "moderation:queue": ("moderation/", "in", 403, 200, 200),
    "moderation:comment-review": ("moderation/comments/HELD/", "in", 403, 200, 200),
    "moderation:queue-count": ("moderation/count/?known=7", 403, 403, 200, 200),
    "moderation:review-lock-create": ("moderation/comments/HELD/claim/", "in", 403, 405, 405),
    "moderation:group-review": ("moderation/comments/HELD/together/?by=author", "in", 403, 200, 200),
    "moderation:group-review, none": (
        "moderation/comments/HELD/together/?by=mark&mark=none.example",
        "in",
        403,
        404,
        404,
    ),
    "moderation:branch-move": ("moderation/comments/PUBLIC/move/", "in", 403, 200, 200),
    "moderation:branch-split": ("moderation/comments/PUBLIC/split/", "in", 403, 200, 200),
    "moderation:highlight": ("moderation/comments/PUBLIC/highlight/", "in", 403, 405, 405),
    "moderation:correct": ("moderation/comments/PUBLIC/correct/", "in", 403, 200, 200),
    "moderation:discussion-defaults": ("moderation/discussion/", "in", 403, 200, 200),
    "moderation:discussion": ("moderation/discussion/open/", "in", 403, 200, 200),
    "moderation:discussion, draft": ("moderation/discussion/draft/", "in", 403, 404, 200),
    "moderation:rule-create": ("moderation/rules/", "in", 403, 405, 405),
    "moderation:rule-delete": ("moderation/rules/1/delete/", "in", 403, 405, 405),
    "moderation:decide": ("moderation/decide/", "in", 403, 405, 405),
    "moderation:decision-list": ("moderation/decisions/", "in", 403, 200, 200),
    "moderation:decision-undo": ("moderation/decisions/DECISION/undo/", "in", 403, 405, 405),
    "moderation:thresholds": ("moderation/strictness/", "in", 403, 200, 200),
    "moderation:undo": ("moderation/undo/", "in", 403, 405, 405),
    "moderation:people": ("moderation/people/", "in", 403, 200, 200),
    "moderation:person": ("moderation/people/wanda/", "in", 403, 200, 200),
    "moderation:person-restrict": ("moderation/people/wanda/restrict/", "in", 403, 405, 405),
    "moderation:person-level": ("moderation/people/wanda/level/", "in", 403, 405, 405),
    "moderation:profile-decide": ("moderation/people/wanda/profile/", "in", 403, 405, 405),
    "moderation:person-note": ("moderation/people/wanda/notes/", "in", 403, 405, 405),
    "moderation:profile-report-close": ("moderation/people/wanda/reports/", "in", 403, 405, 405),
    "moderation:restriction-lift": ("moderation/restrictions/RESTRICTION/lift/", "in", 403, 405, 405),
    "moderation:blocklist": ("moderation/places/", "in", 403, 200, 200),
    "moderation:appeal-list": ("moderation/appeals/", "in", 403, 200, 200),
    "moderation:appeal": ("moderation/appeals/APPEAL/", "in", 403, 200, 200),
    "moderation:stats": ("moderation/figures/", "in", 403, 403, 200),
    "moderation:log": ("moderation/log/", 200, 200, 200, 200),
    "moderation:account-status": ("members/me/standing/", "in", 200, 200, 200),
    "moderation:appeal-decision": ("members/me/standing/decisions/DECISION/", "in", 404, 404, 404),
    "moderation:appeal-restriction": ("members/me/standing/restrictions/RESTRICTION/", "in", 404, 404, 404),
    "moderation:profile-report": ("members/wanda/report/", "in", 200, 200, 200),
    "moderation:report-create": ("comments/PUBLIC/report/", "in", 200, 200, 200),
    # Enabled by make_rows; 404 for everyone while they are off (tests/core/test_parts.py).
    "birthdays:birthday-list": ("birthdays/", 200, 200, 200, 200),
    "birthdays:wish-create": ("birthdays/wish/", "in", 302, 302, 302),
    "birthdays:birthday-detail": ("birthdays/WISHES/", 200, 200, 200, 200),
    "birthdays:birthday-detail, none": ("birthdays/none/", 404, 404, 404, 404),
    "birthdays:calendar": ("birthdays/CALENDAR.ics", 200, 200, 200, 200),
    "birthdays:calendar, ended": ("birthdays/forged.ics", 404, 404, 404, 404),
    "memorials:memorial-list": ("memorials/", 200, 200, 200, 200),
    "memorials:memorial-propose": ("memorials/new/", "in", 403, 403, 200),
    "memorials:custodian": ("members/me/custodian/", "in", 200, 200, 200),
    "memorials:memorial-detail": ("members/otter/memorial/", 200, 200, 200, 200),
    "memorials:memorial-detail, none": ("members/wanda/memorial/", 404, 404, 404, 404),
    "memorials:memorial-keep": ("members/otter/memorial/keep/", "in", 404, 200, 200),
    "memorials:memorial-keep, none": ("members/wanda/memorial/keep/", "in", 404, 404, 404),
    "memorials:memorial-edit": ("members/otter/memorial/edit/", "in", 404, 200, 200),
    "memorials:pictures": ("members/otter/memorial/pictures/", "in", 404, 302, 302),
    "memorials:recording": ("members/otter/memorial/recording/", "in", 404, 302, 302),
    "memorials:words": ("members/otter/memorial/words/", "in", 200, 200, 200),
    "memorials:tell": ("members/otter/memorial/tell/", 200, 200, 200, 200),
    "memorials:book": ("members/otter/memorial/book/", "in", 404, 200, 200),
    "memorials:book-file": ("members/otter/memorial/book/file/", "in", 404, 302, 302),
    "memorials:book-print": ("members/otter/memorial/book/print/", "in", 404, 200, 200),
    "events:event-list": ("events/", 200, 200, 200, 200),
    "events:event-create": ("events/new/", "in", 200, 200, 200),
    "events:calendar": ("events/calendar/CALENDAR.ics", 200, 200, 200, 200),
    "events:calendar, ended": ("events/calendar/forged.ics", 404, 404, 404, 404),
    "events:event-detail": ("events/GATHERING/", 200, 200, 200, 200),
    "events:event-detail, proposed": ("events/PROPOSED/", 404, 404, 404, 200),
    "events:event-ics": ("events/GATHERING.ics", 200, 200, 200, 200),
    "events:event-ics, proposed": ("events/PROPOSED.ics", 404, 404, 404, 200),
    "events:event-edit": ("events/GATHERING/edit/", "in", 403, 403, 200),
    "events:event-edit, proposed": ("events/PROPOSED/edit/", "in", 404, 404, 200),
    "events:event-decide": ("events/GATHERING/decide/", "in", 405, 405, 405),
    "events:event-guest": ("events/GATHERING/guest/", 200, 302, 302, 302),
    "events:guest-code": ("events/guests/00000000-0000-4000-8000-000000000000/", 404, 404, 404, 404),
    "events:guest-link": ("events/guests/00000000-0000-4000-8000-000000000000/forged/", 404, 404, 404, 404),
    "events:event-report": ("events/GATHERING/report/", "in", 302, 302, 302),
    "events:event-answer": ("events/GATHERING/answer/", "in", 302, 302, 302),
    "party:off": ("party/off/", 405, 405, 405, 405),
    "board:wall": ("board/", 200, 200, 200, 200),
    "board:cards": ("board/~cards/", 200, 200, 200, 200),
    "board:cards, none": ("board/none/", 404, 404, 404, 404),
    "closer:closing-link": ("comments/PUBLIC/closing-link/", "in", 405, 405, 405),
    "closer:people": ("members/me/in-touch/", "in", 200, 200, 200),
    "decisions:decision-list": ("decisions/", 200, 200, 200, 200),
    "decisions:poll-create": ("decisions/new/poll/", "in", 403, 403, 200),
    "decisions:proposal-create": ("decisions/new/proposal/", "in", 403, 403, 200),
    "decisions:decision-detail": ("decisions/POLLED/", 200, 200, 200, 200),
    "decisions:decision-detail, held": ("decisions/UNPOLLED/", 404, 404, 200, 200),
    "decisions:by-link": ("decisions/by-link/BALLOT/", 200, 200, 200, 200),
    "decisions:by-link, forged": ("decisions/by-link/forged/", 404, 404, 404, 404),
    "decisions:no-more": ("decisions/by-link/BALLOT/no-more/", 200, 200, 200, 200),
    "decisions:invite": ("decisions/POLLED/invite/", "in", 403, 403, 302),
    "decisions:vote": ("decisions/POLLED/vote/", "in", 302, 302, 302),
    "decisions:vote, in a proposal": ("decisions/PROPOSAL/vote/", "in", 404, 404, 404),
    "decisions:position": ("decisions/PROPOSAL/position/", "in", 302, 302, 302),
    "decisions:stage": ("decisions/PROPOSAL/stage/", "in", 403, 403, 302),
    "decisions:close": ("decisions/POLLED/close/", "in", 403, 403, 302),
    "decisions:outcome": ("decisions/POLLED/outcome/", "in", 403, 403, 302),
    "decisions:withdraw": ("decisions/POLLED/withdraw/", "in", 403, 403, 302),
    "decisions:review": ("decisions/POLLED/review/", "in", 403, 403, 302),
    "admin:decisions_decisionsettings_add": ("admin/decisions/decisionsettings/add/", "in", "in", "in", 200),
    "giving:giving": ("giving/", 200, 200, 200, 200),
    "giving:pledge": ("giving/pledge/", "in", 302, 302, 302),
    "giving:stripe": ("giving/stripe/", 405, 405, 405, 405),
    "rooms:room-list": ("rooms/", 200, 200, 200, 200),
    "rooms:presence": ("rooms/1/presence/", "in", 302, 302, 302),
    "search:search": ("search/?q=open", 200, 200, 200, 200),
    "search:suggestions": ("search/suggestions/?q=open", 200, 200, 200, 200),
    "search:who-knows": ("search/who-knows/?q=open", "in", 200, 200, 200),
    "api:docs": ("api/", 200, 200, 200, 200),
    "api:token-list": ("members/me/tokens/", "in", 200, 200, 200),
    "api:token-delete": ("members/me/tokens/1/delete/", "in", 404, 404, 404),
    "embed:script": ("embed.js", 200, 200, 200, 200),
    # Off until the host allows a site (tests/embed).
    "embed:by-address": ("embed/?url=https://blog.example/", 404, 404, 404, 404),
    "embed:thread": ("embed/open/", 404, 404, 404, 404),
    "webmention:endpoint": ("webmention/", 405, 405, 405, 405),
    # Session cookies do not authenticate API requests (tests/api).
    "api-v1:api-root": ("api/v1/", 404, 404, 404, 404),
    "api-v1:openapi-json": ("api/v1/openapi.json", 200, 200, 200, 200),
    "api-v1:list_posts": ("api/v1/posts", 200, 200, 200, 200),
    "api-v1:create_post": ("api/v1/posts", 200, 200, 200, 200),
    "api-v1:read_post": ("api/v1/posts/open", 200, 200, 200, 200),
    "api-v1:edit_post": ("api/v1/posts/draft", 404, 404, 404, 404),
    "api-v1:list_comments_of_post": ("api/v1/posts/open/comments", 200, 200, 200, 200),
    "api-v1:create_comment": ("api/v1/posts/draft/comments", 404, 404, 404, 404),
    "api-v1:preview_comment": ("api/v1/posts/open/comments/preview", 405, 405, 405, 405),
    "api-v1:list_comments": ("api/v1/comments", 200, 200, 200, 200),
    "api-v1:read_comment": ("api/v1/comments/PUBLIC", 200, 200, 200, 200),
    "api-v1:edit_comment": ("api/v1/comments/HELD", 404, 404, 404, 404),
    "api-v1:remove_comment": ("api/v1/comments/HELD", 404, 404, 404, 404),
    "api-v1:read_member": ("api/v1/members/wanda", 200, 200, 200, 200),
    "api-v1:read_me": ("api/v1/me", 401, 401, 401, 401),
    "api-v1:search_site": ("api/v1/search?q=open", 200, 200, 200, 200),
    "api-v1:list_notifications": ("api/v1/notifications", 401, 401, 401, 401),
    "api-v1:read_notifications": ("api/v1/notifications/read", 405, 405, 405, 405),
    "api-v1:upload_picture": ("api/v1/pictures", 405, 405, 405, 405),
    "api-v1:upload_file": ("api/v1/uploads", 405, 405, 405, 405),
    "api-v1:report": ("api/v1/comments/PUBLIC/reports", 405, 405, 405, 405),
    "api-v1:list_decisions": ("api/v1/me/decisions", 401, 401, 401, 401),
    "api-v1:appeal_against": ("api/v1/me/decisions/1/appeal", 405, 405, 405, 405),
    "api-v1:list_appeals": ("api/v1/moderation/appeals", 401, 401, 401, 401),
    "api-v1:answer_appeal": ("api/v1/moderation/appeals/1/answer", 405, 405, 405, 405),
    "api-v1:read_queue": ("api/v1/moderation/queue", 401, 401, 401, 401),
    "api-v1:decide_comment": ("api/v1/moderation/comments/HELD/decision", 405, 405, 405, 405),
    "notifications:inbox": ("notifications/", "in", 200, 200, 200),
    "notifications:welcome": ("members/me/welcome/", "in", 200, 200, 200),
    "notifications:read": ("notifications/read/", "in", 405, 405, 405),
    "notifications:open": ("notifications/1/open/", "in", 405, 405, 405),
    "notifications:settings": ("notifications/settings/", "in", 200, 200, 200),
    "notifications:reply-feed-edit": ("notifications/feed/", "in", 302, 302, 302),
    "notifications:reply-feed": ("feed/replies/FEED/", 200, 200, 200, 200),
    "notifications:reply-feed, ended": ("feed/replies/forged/", 404, 404, 404, 404),
    "notifications:device-create": ("notifications/devices/", "in", 405, 405, 405),
    "notifications:device-delete": ("notifications/devices/1/delete/", "in", 405, 405, 405),
    "notifications:push-worker": ("push-worker.js", 200, 200, 200, 200),
    "comments:guest-data-ask": ("comments/guests/", 200, 200, 200, 200),
    "comments:guest-data": ("comments/guests/GUEST/", 200, 200, 200, 200),
    "comments:guest-data, forged": ("comments/guests/forged/", 404, 404, 404, 404),
    "comments:guest-data-download": ("comments/guests/GUEST/download/", 200, 200, 200, 200),
    "comments:guest-data-download, forged": ("comments/guests/forged/download/", 404, 404, 404, 404),
    "notifications:guest-ask": ("notifications/guests/", 200, 200, 200, 200),
    "notifications:guest-confirm": ("notifications/guests/forged/", 404, 404, 404, 404),
    "notifications:subscribe": ("subscribe/", 200, 200, 200, 200),
    "notifications:subscribe-confirm": ("subscribe/confirm/forged/", 404, 404, 404, 404),
    "notifications:unsubscribe": ("unsubscribe/forged/", 404, 404, 404, 404),
    "notifications:tag-follow": ("tags/TAG/follow/", "in", 302, 302, 302),
    "notifications:tag-follow, of no post": ("tags/forged/follow/", 404, 404, 404, 404),
    "notifications:thread-follow": ("posts/open/follow/", "in", 302, 302, 302),
    "notifications:thread-follow, draft": ("posts/draft/follow/", 404, 404, 404, 404),
    "notifications:preview": ("posts/open/told/", 405, 405, 405, 405),
    "notifications:edit-preview": ("comments/PUBLIC/told/", "in", 405, 405, 405),
    "notifications:receipt": ("comments/PUBLIC/receipt/", "in", 403, 403, 403),
    "notifications:receipt, held": ("comments/HELD/receipt/", "in", 404, 403, 403),
    "admin:index": ("admin/", "in", "in", "in", 200),
    "admin:figures": ("admin/figures/", "in", "in", "in", 200),
    "admin:core_sitesettings_changelist": ("admin/core/sitesettings/", "in", "in", "in", 200),
    "admin:transfer_backup_changelist": ("admin/transfer/backup/", "in", "in", "in", 200),
    "admin:transfer_backup_now": ("admin/transfer/backup/now/", "in", "in", "in", 405),
    "admin:transfer_backup_download": ("admin/transfer/backup/1/download/", "in", "in", "in", 302),
    "admin:party_partyday_changelist": ("admin/party/partyday/", "in", "in", "in", 200),
    "admin:party_partyday_add": ("admin/party/partyday/add/", "in", "in", "in", 200),
    "admin:transfer_siteexport_changelist": ("admin/transfer/siteexport/", "in", "in", "in", 200),
    "admin:transfer_siteexport_now": ("admin/transfer/siteexport/now/", "in", "in", "in", 405),
    "admin:transfer_siteexport_download": ("admin/transfer/siteexport/1/download/", "in", "in", "in", 302),
    "transfer:post-copy": ("posts/open/copy/", 404, 404, 404, 200),
    "admin:core_sitesettings_log": ("admin/core/sitesettings/log/", "in", "in", "in", 200),
    "admin:posts_post_changelist": ("admin/posts/post/", "in", "in", "in", 200),
    "admin:accounts_user_changelist": ("admin/accounts/user/", "in", "in", "in", 200),
    "admin:comments_comment_changelist": ("admin/comments/comment/", "in", "in", "in", 200),
    "admin:moderation_restriction_changelist": ("admin/moderation/restriction/", "in", "in", "in", 200),
    "admin:moderation_moderationaction_changelist": (
        "admin/moderation/moderationaction/",
        "in",
        "in",
        "in",
        200,
    ),
    "admin:moderation_removalreason_changelist": ("admin/moderation/removalreason/", "in", "in", "in", 200),
    "admin:notifications_subscriber_changelist": ("admin/notifications/subscriber/", "in", "in", "in", 200),
    "admin:notifications_mailing_changelist": ("admin/notifications/mailing/", "in", "in", "in", 200),
    "admin:api_webhook_changelist": ("admin/api/webhook/", "in", "in", "in", 200),
    "admin:api_webhook_test": ("admin/api/webhook/1/test/", "in", "in", "in", 404),
    "admin:api_webhook_add": ("admin/api/webhook/add/", "in", "in", "in", 200),
    "admin:webmention_mention_changelist": ("admin/webmention/mention/", "in", "in", "in", 200),
    "admin:webmention_sentmention_changelist": (
        "admin/webmention/sentmention/",
        "in",
        "in",
        "in",
        200,
    ),
    "admin:api_delivery_changelist": ("admin/api/delivery/", "in", "in", "in", 200),
    "admin:notifications_outgoingemail_changelist": (
        "admin/notifications/outgoingemail/",
        "in",
        "in",
        "in",
        200,
    ),
}
ROLES = ("visitor", "member", "moderator", "host")
# `make test` reads the first and the last of these parts.
READING_PARTS = 6


def pages_of(who: str) -> dict[str, str]:
    """Return the paths of READING that respond to this role with a page, not with a redirect."""
    column = 1 + ROLES.index(who)
    return {name: row[0] for name, row in READING.items() if row[column] not in {"in", 301, 302, 405}}


def names(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from names(
                    pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace
                )
        elif namespace:
            yield f"{namespace}{pattern.name}"


def test_every_address_of_ours_has_a_row():
    assert set(names(get_resolver().url_patterns)) - {key.partition(",")[0] for key in READING} == set()


def held_poll(post: Post) -> Poll:
    """Create a poll that awaits review."""
    poll = make_poll(post=post, by=make_host(), title="Held")
    set_status(poll.comment, Comment.Status.HELD)
    return poll


def make_rows() -> tuple[dict[str, User], dict[str, int]]:
    """Create the users and the rows for the names above."""
    people = {"member": make_member("alice"), "moderator": make_moderator("carol"), "host": make_host("nora")}
    host, moderator, author = (
        people["host"],
        people["moderator"],
        make_member("wanda", takes_introductions=True),
    )
    switch_on(*parts())
    User.objects.filter(pk=author.pk).update(birthday_day=3, birthday_month=6, birthday_seen_by="all")
    author.refresh_from_db()
    # The moderator is the second keeper.
    confirm(propose(Proposal(make_member("otter"), moderator), by=host), by=moderator)
    post = make_post(author=host, slug="open")
    post.tags.create(name="Bread", slug="bread")
    draft = Post.objects.create(slug="draft", title="Draft", author=host)
    removed = put_comment(post)
    suspended = make_member("simon")
    restriction = suspend(
        suspended, by=moderator, ends_at=timezone.now() + timedelta(days=3), words="Rest a little."
    )
    return people, {
        "TAG": "bread",
        "SECRET": make_preview_link(draft, by=host, days=7).secret,
        "OPEN": post.pk,
        "DRAFT": draft.pk,
        "PUBLIC": put_comment(post, author=author).pk,
        "HELD": put_comment(post, author=author, status="held").pk,
        "LINK": ProfileLink.objects.create(user=author, url="https://wanda.example/").pk,
        "INTRODUCTION": Introduction.objects.create(asker=host, asked=author, words="Hello.").pk,
        "PENDING": PendingComment.objects.create(
            post=post, body="Not yet.", name="Vera", email="vera@example.org"
        ).pk,
        "EXPORT": DataExport.objects.create(member=author, ready_at=timezone.now(), file="exports/x.zip").pk,
        "GUEST": make_token("guest@example.org"),
        "WISHES": birthday_of(author, 2026).post.slug,
        "GATHERING": propose_event(a_plan("Gathering"), by=host).post.slug,
        "PROPOSED": propose_event(a_plan("Idea"), by=author).post.slug,
        "UNPOLLED": held_poll(post).key,
        "POLLED": (polled := make_poll(post=post, by=host)).key,
        "BALLOT": link_of(
            Guest.objects.create(decision=polled, email="guest@example.org", name="Guest")
        ).split("/")[-2],
        "PROPOSAL": make_proposal(post=post, by=host).key,
        "CALENDAR": CalendarAddress.objects.create(member=author).secret,
        "FEED": ReplyFeed.objects.create(member=author).secret,
        "CLAIM": CommentClaim.objects.create(member=author, email="wanda@example.org").pk,
        "DECISION": decide(removed, "remove", by=moderator).pk,
        "RESTRICTION": restriction.pk,
        "APPEAL": make_appeal(suspended, restriction, "It was not me.").pk,
    }


@pytest.fixture(scope="module")
def made(request):
    yield from made_once(make_rows, request)


@pytest.fixture
def people(db, made) -> dict[str, User]:
    SiteSettings.forget()
    return made()[0]


@pytest.fixture
def rows(db, made) -> dict[str, int]:
    SiteSettings.forget()
    return made()[1]


class Readers:
    """A visitor, a member, a moderator and the host; all changes that a page makes are rolled back."""

    def __init__(self, people: dict[str, User]) -> None:
        # One client for each: a new one would load all middleware again, a tenth of the time of a page.
        self.clients = {who: Client(raise_request_exception=False) for who in ("visitor", *people)}
        for who, person in people.items():
            self.clients[who].force_login(person)
        self.cookies = {who: client.cookies for who, client in self.clients.items()}

    @contextmanager
    def come(self, who: str) -> Iterator[Client]:
        client = self.clients[who]
        client.cookies = copy.deepcopy(self.cookies[who])
        with transaction.atomic():
            yield client
            transaction.set_rollback(True)


@pytest.mark.parametrize("part", range(READING_PARTS))
def test_reading_answers_each_role_as_it_should(part, rows, people):
    """Many rows in one test: one for each would spend more time on signing in than on the pages."""
    rows_of_part = dict([*READING.items()][part::READING_PARTS])
    readers, answers = Readers(people), {}
    for name, (path, *_) in rows_of_part.items():
        for key, pk in rows.items():
            path = path.replace(key, str(pk))
        answers[name] = []
        for who in ROLES:
            with readers.come(who) as client:
                response = client.get(f"/{path}")
            to_the_door = response.status_code == 302 and "/login/" in response["Location"]
            answers[name].append("in" if to_the_door else response.status_code)
    assert answers == {name: expected for name, (_, *expected) in rows_of_part.items()}


# What moderators or the host may read without a second factor, though members may not, and why
# (docs/decisions/0022).
OPEN_WITHOUT_MFA = {
    "comments:comment-detail, held": "in a thread, what waits stays readable to moderators",
    "comments:comment-history, held": "the same",
    "comments:comment-more, held": "the same",
    "comments:comment-edit, held": "says only that it is somebody else's",
    "decisions:decision-detail, held": "what waits below a post stays readable to moderators",
    "events:event-detail, proposed": "a proposal is shown with its buttons; these ask",
    "events:event-ics, proposed": "the same",
    "notifications:receipt, held": "says only that it is somebody else's",
}


@pytest.mark.parametrize("who", ["moderator", "host"])
def test_every_page_that_only_they_see_asks_for_the_second_step(who, rows, people, signed_in, settings):
    settings.REQUIRE_SECOND_STEP = True
    column = {"moderator": 3, "host": 4}[who]
    theirs = {
        name for name, row in READING.items() if row[column] != row[2] and row[column] in {200, 302, 403, 405}
    }
    client, answers = signed_in(people[who]), {}
    for name in theirs:
        path = READING[name][0]
        for key, pk in rows.items():
            path = path.replace(key, str(pk))
        for response in (client.get(f"/{path}"), client.head(f"/{path}"), client.post(f"/{path}")):
            is_led = response.status_code == 302 and response["Location"].startswith(
                "/members/me/second-step/"
            )
            answers[name] = answers.get(name, True) and is_led
    # Pages of members that are closed to them.
    less = {
        "accounts:leave",
        "accounts:introduction-create, closed",
    }
    assert {name for name, is_led in answers.items() if not is_led} - less == {
        name for name in OPEN_WITHOUT_MFA if name in theirs
    }
    assert {"moderation:queue", "posts:post-preview"} & theirs <= {
        name for name, is_led in answers.items() if is_led
    }


def test_pages_of_all_members_stay_open_to_who_has_no_second_step_yet(rows, people, signed_in, settings):
    settings.REQUIRE_SECOND_STEP = True
    client = signed_in(people["moderator"])
    for name in (
        "moderation:log",
        "moderation:account-status",
        "moderation:profile-report",
        "moderation:report-create",
    ):
        path = READING[name][0].replace("PUBLIC", str(rows["PUBLIC"]))
        assert (name, client.get(f"/{path}").status_code) == (name, 200)


WRITING = {
    "comments/PUBLIC/edit/": {"body": "Taken over."},
    "comments/PUBLIC/delete/": {},
    "comments/HELD/thanks/": {"thanks": "1"},
    "moderation/decide/": {"comments": "PUBLIC", "action": "remove"},
    "moderation/comments/PUBLIC/move/": {"post": "1", "under": "HELD"},
    "moderation/comments/PUBLIC/split/": {"title": "Taken over"},
    "moderation/comments/HELD/claim/": {},
    "moderation/comments/HELD/together/": {
        "by": "author",
        "comments": "HELD",
        "action": "spam",
        "sure": "spam",
    },
    "moderation/undo/": {"decisions": "DECISION"},
    "moderation/decisions/DECISION/undo/": {},
    "posts/draft/comments/": {"body": "Too early."},
    "members/me/links/LINK/check/": {},
    "members/me/introductions/INTRODUCTION/": {"accept": "1"},
    "members/stay/forged/": {},
    "comments/claims/CLAIM/": {"mine": "1"},
}


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_writing_by_those_who_may_not_changes_nothing(who, rows, people):
    def fill(text: str) -> str:
        for key, pk in rows.items():
            text = text.replace(key, str(pk))
        return text

    def what_is_there() -> tuple[list[tuple], int]:
        comments = Comment.objects.order_by("pk").values_list("pk", "body", "status", "post", "parent")
        return list(comments), Decision.objects.count()

    readers, before, changed, answers = Readers(people), what_is_there(), [], {}
    for path, data in WRITING.items():
        with readers.come(who) as writer:
            response = writer.post(f"/{fill(path)}", {name: fill(value) for name, value in data.items()})
            if what_is_there() != before:
                changed.append(path)
        is_refused = response.status_code in {403, 404} or (
            response.status_code == 302 and "/login/" in response["Location"]
        )
        if not is_refused:
            answers[path] = response.status_code
    assert (changed, answers) == ([], {})


@pytest.mark.parametrize(
    "app",
    [
        "comments/PUBLIC/delete/",
        "comments/PUBLIC/edit/",
        "moderation/decide/",
        "moderation/undo/",
        "posts/open/comments/",
    ],
)
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(app, method, rows, people, signed_in):
    response = getattr(signed_in(people["host"]), method)(f"/{app.replace('PUBLIC', str(rows['PUBLIC']))}")
    assert response.status_code in {403, 405}
