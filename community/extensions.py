"""What later apps plug into earlier ones, by dotted path: earlier apps know only these settings, never the app behind.

Where an order matters, the comment says so.
"""

# --- Parts of the community --------------------------------------------------

# What the host switches on (core/parts.py), in the order of the navigation.
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
# Rooms that can be the place of an event: a function of the member who plans it, that gives their names and addresses by key.
EVENT_ROOMS = "rooms.services.offers.offered"
# How every page is dressed today, for a reader: a function of the request and the reader that gives a key, "" for plainly.
PAGE_DRESS = "party.services.dress_for"

# --- Posts -------------------------------------------------------------------

# The page of a post is in posts, which know nothing of comments.
POST_DETAIL_VIEW = "comments.views.thread.PostThreadView"
GUIDELINES_VIEW = "posts.views.GuidelinesView"
# What goes with a post when it leaves the trash, in this order (posts/services/trash.py).
POST_DELETION_STEPS = [
    "moderation.services.deletion.forget_decisions_of_post",
    "comments.services.deletion.delete_comments_of_post",
]
# What those who edit posts read on its page about who has read it: a function of the key of the post.
POST_FACTS = "dashboard.services.post_facts.facts_in_words"
# Who is notified of a post, for the publishing panel: functions that yield lines (posts/services/audience.py).
POST_AUDIENCE = [
    "notifications.services.audience.followers_to_notify",
    "notifications.services.audience.subscribers_to_notify",
]
POST_RECEIPT = [
    "notifications.services.audience.followers_notified",
    "notifications.services.audience.subscribers_notified",
]
# Where the admin's lists of posts and comments search (core/web/admin.py).
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
# Those of them that are asked at every edit; the others only when it adds links or pictures.
COMMENT_EDIT_CHECKS = [
    "moderation.services.own_lists.apply_own_lists",
    "comments.services.discussion.hold_by_policy",
]
# Signals that a bot sent a visitor's form: then no email is sent before it is requested on the next page.
VISITOR_CHECKS = ["moderation.spamfilter.form_token.is_baited"]
# The rules of the spam filter, in this order (moderation/spamfilter/engine/rules.py). Omitted rules are not used.
SPAM_CHECKS = [
    f"moderation.spamfilter.engine.{module}.{name}"
    for module, names in (
        ("senders", "form standing company copied waiting"),  # how it came
        ("rules", "offers self_promotion empty_praise calls talk"),  # what is said
        ("lures", "messenger profit staged_question recovery discount_code signature"),
        ("pointers", "pointers_elsewhere private_offer managed_money named_recoverer"),
        ("adverts", "service_offer testimonial"),
        ("rules", "links"),
        ("senders", "author"),
        ("rules", "disguises brands templates markup shape"),  # how it is made
        ("rules", "reputation copies"),  # what was decided before
    )
    for name in names.split()
]  # fmt: skip
# A gentle word before posting; the member may post all the same (comments/services/hints.py).
COMMENT_HINTS = ["comments.services.hints.writes_much", "moderation.services.hints.looks_like_advert"]
COMMENT_FORM_EXTENSIONS = [
    "notifications.form_extension.AnswerSeveral",
    "memorials.form_extension.MayTheFamilyHaveIt",
]
# Templates that later apps show on the pages of comments, by place (comments/templatetags/slot_tags.py).
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

# Refuses advertising in what members write to one another (accounts.services.permissions.check_text).
PRIVATE_TEXT_CHECK = "moderation.services.profiles.refuse_advertising"
# Which members the directory leaves out, for all but moderators: a function that gives a Q.
UNLISTED_MEMBERS = "comments.models.querysets.nobody_has_read"
# What a member can download about themselves is made of these (accounts/services/export.py), in this order.
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
# What is stored with the address of a guest, beside their comments (comments/services/guest_parts.py).
GUEST_DATA_PARTS = ["events.guest_data.PART", "decisions.guest_data.POLLS", "decisions.guest_data.PROPOSALS"]
# When two accounts are merged: what is locked first, then what becomes of rows that are more than a reference
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
# The steps of deleting an account (accounts/services/deletion.py), after the account itself is closed. In this order.
ACCOUNT_DELETION_STEPS = [
    *(
        f"comments.services.deletion.{name}"
        for name in (
            "take_back_thanks",
            "forget_calls",
            "drop_unsent_pictures",
            "forget_guest",
            "erase_words",
        )
    ),
    "moderation.services.deletion.forget_notes",
    "memorials.services.erasing.drop_memorial",
    "memorials.services.erasing.forget_words",
    "birthdays.services.wishes.drop_birthdays",
    "events.services.answers.give_places_back",
    "events.services.planning.drop_proposals",
    "accounts.services.export.drop_exports",
    "accounts.services.deletion.drop_topics",
    "accounts.services.deletion.drop_rows",
    "accounts.services.share_cards.forget_erased",
    "search.services.purge_erased",
]
