"""What later apps plug into earlier ones, by dotted path. Earlier apps only know these settings.

If the order matters, the comment says so.
"""

# --- Parts of the community --------------------------------------------------

# Parts that the host can switch on (core/parts.py), in the order of the navigation.
COMMUNITY_PARTS = [
    "events.parts.EVENTS",
    "birthdays.parts.BIRTHDAYS",
    "party.parts.PARTY",
    "rooms.parts.ROOMS",
    "giving.parts.GIVING",
    "board.parts.BOARD",
    "closer.parts.CLOSER",
    "decisions.parts.DECISIONS",
    "memorials.parts.MEMORIALS",
]
# Rooms that can be the place of an event: a function that takes the planning member and returns names and
# URLs by key.
EVENT_ROOMS = "rooms.services.offers.offered"
# Today's decoration of pages: a function that takes the request and the reader and returns a key, or "" for
# none.
PAGE_DRESS = "party.services.dress_for"

# --- Posts -------------------------------------------------------------------

# The view of a post. It is in comments, which posts does not know.
POST_DETAIL_VIEW = "comments.views.thread.PostThreadView"
GUIDELINES_VIEW = "posts.views.GuidelinesView"
# Steps when a post in the trash is deleted, in this order (posts/services/trash.py).
POST_DELETION_STEPS = [
    "moderation.services.deletion.forget_decisions_of_post",
    "comments.services.deletion.delete_comments_of_post",
]
# What editors of posts see on a post's page about its readers: a function that takes the key of the post.
POST_FACTS = "dashboard.services.post_facts.facts_in_words"
# Who is notified of a post, for the publishing panel: functions that yield rows (posts/services/audience.py).
POST_AUDIENCE = [
    "notifications.services.audience.followers_to_notify",
    "notifications.services.audience.subscribers_to_notify",
]
POST_RECEIPT = [
    "notifications.services.audience.followers_notified",
    "notifications.services.audience.subscribers_notified",
]
# The search of admin lists of posts and comments (core/web/admin.py).
ADMIN_SEARCH = "search.services.keys_for_admin"

# --- Comments ----------------------------------------------------------------

COMMENT_CHECKS = [
    "moderation.services.blocklist.refuse_blocked",
    "moderation.services.own_lists.apply_own_lists",
    "comments.services.discussion.hold_by_policy",
    "memorials.services.memories.hold_newcomers",
    "moderation.spamfilter.checks.assess",
    "moderation.spamfilter.checks.hold_new_members_links",
]
# Those that also run at every edit; others only if it adds links or pictures.
COMMENT_EDIT_CHECKS = [
    "moderation.services.own_lists.apply_own_lists",
    "comments.services.discussion.hold_by_policy",
]
# Signs that a bot sent a visitor's form. Then no email is sent before it is requested on the next page.
VISITOR_CHECKS = ["moderation.spamfilter.form_token.is_baited"]
# The rules of the spam filter, in this order (moderation/spamfilter/engine/rules.py). Omitted rules are not
# used.
SPAM_CHECKS = [
    f"moderation.spamfilter.engine.{module}.{name}"
    for module, names in (
        ("senders", "form standing company copied waiting"),  # how it was sent
        ("rules", "offers self_promotion empty_praise calls talk"),  # what it says
        ("lures", "messenger spelt_phone profit staged_question recovery discount_code signature"),
        ("pointers", "pointers_elsewhere private_offer managed_money named_recoverer"),
        ("adverts", "service_offer testimonial"),
        ("schemes", "schemes"),
        ("rules", "links"),
        ("senders", "author"),
        ("rules", "disguises brands templates markup shape"),  # how it is written
        ("rules", "reputation copies"),  # earlier decisions
    )
    for name in names.split()
]
# Hints before posting; the member may post all the same (comments/services/hints.py).
COMMENT_HINTS = ["comments.services.hints.writes_much", "moderation.services.hints.looks_like_advert"]
COMMENT_FORM_EXTENSIONS = [
    "notifications.form_extension.AnswerSeveral",
    "memorials.form_extension.FamilyChoiceExtension",
]
# Templates that later apps show on pages of comments, by slot (comments/templatetags/slot_tags.py).
COMMENT_SLOTS = {
    "comment_form_start": ["moderation/slots/comment_form_start.html"],
    "comment_form": ["memorials/slots/comment_form.html", "notifications/slots/comment_form.html"],
    "comment_edit_form": ["notifications/slots/comment_edit_form.html"],
    "after_comment_form": [
        "notifications/slots/after_comment_form.html",
        "closer/slots/after_comment_form.html",
    ],
    "suspended": ["moderation/slots/suspended.html"],
    "follow": ["notifications/slots/follow.html"],
    "window": ["notifications/slots/window.html"],
    "comment": ["notifications/slots/comment.html"],
}

# --- Members -----------------------------------------------------------------

# Refuses advertising in private texts between members (accounts.services.permissions.check_text).
PRIVATE_TEXT_CHECK = "moderation.services.profiles.reject_advertising"
# Members whom the directory hides from all except moderators: a function that returns a Q.
UNLISTED_MEMBERS = "comments.models.querysets.without_public_contribution"
# Functions of a member and the time. They return querysets of rows about the post OuterRef("pk"); such a row
# shows that the member knows the post, even if it is unlisted (posts/models/querysets.py).
KNOWN_POSTS = ["comments.models.querysets.took_part", "notifications.models.querysets.was_notified"]
# The parts of a member's data export, in this order (accounts/services/export.py).
DATA_PARTS = [
    "accounts.services.export_parts.PARTS",
    "posts.export.PARTS",
    "comments.services.export.PARTS",
    "moderation.services.export.PARTS",
    "notifications.services.export.PARTS",
    "memorials.export.PARTS",
    "birthdays.export.PARTS",
    "events.export.PARTS",
    "rooms.export.PARTS",
    "giving.export.PARTS",
    "closer.export.PARTS",
    "decisions.export.PARTS",
    "transfer.export.PARTS",
    "dashboard.export.PARTS",
    "api.export.PARTS",
]
# Data stored by the email address of a guest, besides comments (comments/services/guest_parts.py).
GUEST_DATA_PARTS = ["events.guest_data.PART", "decisions.guest_data.POLLS", "decisions.guest_data.PROPOSALS"]
# Merging accounts: what is locked first, then the steps for rows that are more than a reference
# (accounts/services/merging.py).
ACCOUNT_MERGE_LOCKS = ["comments.services.merging.lock_posts"]
ACCOUNT_MERGE_STEPS = [
    "comments.services.merging.move_comments",
    "comments.services.merging.drop_thanks_to_oneself",
    "moderation.services.merging.keep_confirmed_spam",
    "notifications.services.merging.drop_notifications_of_oneself",
    "notifications.services.merging.drop_devices_and_feed",
    "birthdays.services.merging.join_birthdays",
    "events.services.answers.keep_one_answer",
    "memorials.services.merging.keep_one_part",
    "api.services.merging.drop_tokens",
]
# Steps of deleting an account, after it was closed, in this order (accounts/services/deletion.py).
ACCOUNT_DELETION_STEPS = [
    *(
        f"comments.services.deletion.{name}"
        for name in (
            "withdraw_thanks",
            "forget_calls",
            "drop_unsent_pictures",
            "forget_guest",
            "erase_comments_of_member",
        )
    ),
    "moderation.services.deletion.forget_notes",
    "memorials.services.erasing.drop_memorial",
    "memorials.services.erasing.forget_words",
    "birthdays.services.wishes.drop_birthdays",
    "events.services.answers.release_places",
    "events.services.planning.drop_proposals",
    "accounts.services.export.drop_exports",
    "accounts.services.deletion.drop_topics",
    "accounts.services.deletion.drop_rows",
    "accounts.services.share_cards.forget_erased",
    "search.services.purge_erased",
]
