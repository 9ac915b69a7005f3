"""Limits of number, size and time, all named settings. A rate is a list of (number, seconds)."""

from community.env import env_int

# --- Requests and uploads ----------------------------------------------------

# How many requests community.asgi processes at the same time. Each thread has a database connection.
WEB_THREADS = env_int("WEB_THREADS", 4, minimum=1)
# The largest request: COMMENT_MAX_PICTURES of the maximum size, and the text.
REQUEST_MAX_BYTES = 130 * 1024 * 1024
# Seconds that a request waits for other writers of SQLite, if it writes, or reads (with optional writes).
WRITE_WAIT_SECONDS = 5
READ_WAIT_SECONDS = 0.5
# One thread is always left for reading. How long one more writing request waits for a thread before it is
# refused.
WRITER_SLOT_SECONDS = 0.5
# A comment that is far too long should be returned with its text, not with a plain 400.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
# A profile with all its links (ProfileLink.MAX_PER_MEMBER) has five fields per link.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Requests to the API (api/v1/): per address block without a token, and per token. Writing also has the limits
# of pages.
API_RATES = {"visitor": [(120, 60)], "token": [(300, 60)]}
API_TOKENS_MAX = 20
# Webmentions from one sender (an address block), and of pages on one host.
WEBMENTION_RATES = {"sender": [(20, 600), (100, 86_400)], "host": [(10, 3600), (40, 86_400)]}

# --- Pages -------------------------------------------------------------------

POSTS_PER_PAGE = 20
MEMBERS_PER_PAGE = 50
REVIEW_PER_PAGE = 25
CHANGES_PER_PAGE = 10
ALERTS_PER_PAGE = 40
# A page takes whole branches until it has this many comments (docs/decisions/0004).
COMMENTS_PER_PAGE = env_int("COMMENTS_PER_PAGE", 50, minimum=1)
# After a longer pause a new visit begins, in which comments since the last request are new.
VISIT_PAUSE_MINUTES = 30

# --- Posts -------------------------------------------------------------------

# How long a deleted post stays in the trash.
TRASH_DAYS = 30
# How long a preview link works, in days; the host chooses.
PREVIEW_LINK_DAYS = [1, 7, 30]
# Files and recordings that the host adds to posts.
POST_FILE_MAX_BYTES = 100 * 1024 * 1024
# An export that a host uploads; larger ones are imported on the server (manage.py import_blog).
IMPORT_FILE_MAX_BYTES = 120 * 1024 * 1024

# --- Comments ----------------------------------------------------------------

COMMENT_MAX_CHARACTERS = 20_000
COMMENT_EDIT_WINDOW_MINUTES = env_int("COMMENT_EDIT_WINDOW_MINUTES", 30)
COMMENT_DUPLICATE_MINUTES = 10
# How long after their last comment, if no other followed, authors are offered to add text to it.
COMMENT_ADD_MINUTES = 10
# How many members a comment may mention.
MENTIONS_MAX = 20
# Enough for a fast typist, not for a script. A newcomer becomes a member for this when others see their links
# as links (moderation/services/newcomers.py).
COMMENT_RATES = {
    "newcomer": [(10, 60), (30, 3600), (60, 86_400)],
    "member": [(10, 60), (60, 3600)],
    "host": [(30, 60), (300, 3600)],
}
COMMENT_CHANGE_RATES = [(30, 60), (300, 3600)]
THANKS_RATES = [(30, 60), (300, 3600)]
BOOKMARK_RATES = [(30, 60), (300, 3600)]
# How often a member's form may look up names.
NAMES_RATES = [(120, 60)]
# How long a pending comment of a visitor is stored.
PENDING_COMMENT_DAYS = 7

# --- Pictures ----------------------------------------------------------------

COMMENT_MAX_PICTURES = 4
PICTURE_RATES = [(20, 600), (60, 86_400)]
PICTURE_MAX_BYTES = 10 * 1024 * 1024
# The original of a camera with 48 to 100 megapixels; it is decoded from the file in parts.
PICTURE_MAX_JPEG_BYTES = 30 * 1024 * 1024
# Decoding a larger one would take more than 400 MB (core/utils/image_decoding.py).
PICTURE_MAX_PIXELS = 50_000_000
PICTURE_MAX_JPEG_PIXELS = 100_000_000
PICTURE_MAX_WEBP_PIXELS = 24_000_000
# A picture that was uploaded and never sent in a comment is deleted after this time; those of removed
# comments when the decision can no longer be undone.
PICTURE_UNSENT_HOURS = 24
PICTURE_REMOVED_DAYS = 30

# --- Signing in and accounts -------------------------------------------------

# How long codes for visitors who write first are valid, and the link in the email.
EMAIL_CODE_MINUTES = 15
EMAIL_LINK_HOURS = 24
# Emails with such a code: to one address, requested by one sender, in total. This prevents abuse for mailing
# strangers. Above "busy", each sender gets only a few, so that heavy users do not exhaust the limit for
# others.
EMAIL_CODE_RATES = {
    "address": [(3, 600), (8, 86_400)],
    "sender": [(10, 600), (40, 86_400)],
    "busy": [(300, 3600)],
    "sender_when_busy": [(2, 3600)],
    "all": [(3000, 3600)],
}
# Requests for emailed codes (asked), wrong codes (typed), and wrong codes of an app or recovery codes (app).
# pair: for one address or member from one sender (an address block), or from a browser they have used before;
# subject: for one of them from all other browsers; sender: from one sender for anyone. Each pause is longer
# than the one before.
CODE_TRY_RATES = {
    "asked": {
        "pair": [(4, 600), (8, 3600), (12, 86_400)],
        "subject": [(10, 600), (20, 3600), (40, 86_400)],
        "sender": [(20, 600), (60, 3600), (200, 86_400)],
    },
    "typed": {
        "pair": [(6, 600), (9, 3600), (15, 86_400)],
        "subject": [(12, 600), (20, 3600), (40, 86_400)],
        "sender": [(15, 600), (30, 3600), (60, 86_400)],
    },
    "app": {
        "pair": [(6, 600), (9, 3600), (15, 86_400)],
        "subject": [(12, 600), (20, 3600), (40, 86_400)],
        "sender": [(15, 600), (30, 3600), (60, 86_400)],
    },
}
# How often a member may request their data export, and how long the file is stored.
EXPORT_RATES = [(3, 86_400)]
EXPORT_DAYS = 7
# Emails that ask whether another account also belongs to the member (accounts/services/merging.py).
MERGE_RATES = [(3, 3600)]
# How long a deletion can be cancelled.
ACCOUNT_DELETION_DAYS = 7
# How often members may check whether a page links back: per link, and in total.
LINK_CHECK_RATES = {"link": [(1, 300)], "member": [(20, 3600)]}
# How often a member may ask for an introduction.
INTRODUCTION_RATES = [(3, 86_400), (10, 604_800)]
# How long members count as active after their last page, if they want emails only while they are away.
AWAY_AFTER_MINUTES = 10

# --- Notifications and emails ------------------------------------------------

# How long the cause of a notification can be deleted before anyone is notified.
ALERT_WAIT_SECONDS = env_int("ALERT_WAIT_SECONDS", 60)
# How many comments a comment can reply to, besides its parent.
ALERT_ANSWERS_MAX = 20
# How many single emails per hour a member gets; the rest waits and is sent in one.
ALERT_MAILS_PER_HOUR = 6
# The hour at which digests are sent, in TIME_ZONE: daily, and on the first day of the week.
ALERT_BUNDLE_HOUR = 8
# How often a member may turn on push notifications for a device.
DEVICE_RATES = [(20, 3600)]
# How long a notification can be replied to by email.
REPLY_DAYS = 90
# The largest email that is read as a reply, with pictures; how often a member is told that one could not be
# posted.
REPLY_MAX_BYTES = 10 * 1024 * 1024
REPLY_NOTE_RATES = [(5, 3600), (20, 86_400)]
# Requests for new posts by email: from one sender (an address block), for one address, in total. How long the
# link in the email is valid.
SUBSCRIBE_RATES = {
    "sender": [(10, 3600), (30, 86_400)],
    "address": [(2, 3600), (4, 86_400)],
    "all": [(2000, 3600), (10_000, 86_400)],
}
SUBSCRIBE_LINK_DAYS = 7
# The largest file of subscribers that can be imported.
SUBSCRIBER_FILE_MAX_BYTES = 5 * 1024 * 1024
SUBSCRIBER_FILE_MAX_ROWS = 50_000
# Requests of former guests for their data, and for notifications of replies, as for new posts.
GUEST_DATA_RATES = {
    "sender": [(10, 3600), (30, 86_400)],
    "address": [(2, 3600), (4, 86_400)],
    "all": [(200, 3600), (1000, 86_400)],
}
GUEST_DATA_LINK_HOURS = 24

# --- Moderation --------------------------------------------------------------

# For how long a new member's comments with a link are reviewed, until a link was approved.
NEW_MEMBER_HOURS = env_int("NEW_MEMBER_HOURS", 24)
# Public comments and days of membership for trust levels 2 and 3; after a removal within TRUST_REMOVED_DAYS
# the level is at most 1.
TRUST_LEVELS = [(5, 7), (30, 60)]
TRUST_REMOVED_DAYS = 90
# After confirmed spam, its author's comments of this many days before are held, too.
SPAM_LOOK_BACK_DAYS = 7
# How long a comment blocked as spam can be approved, and a network is remembered.
TURNED_AWAY_DAYS = 30
NETWORK_HOURS = 24
# Sign-ups and comments per address block.
NETWORK_RATES = [(30, 600)]
# How long an address block stays closed at most, because blocks change owners.
NETWORK_MAX_DAYS = 90
REPORT_RATES = [(10, 600)]
# From which trust level on reports count towards hiding a comment, and how long their results are remembered.
REPORT_TRUST_LEVEL = 2
REPORT_MEMORY_DAYS = 365
# How long a report stores a hash of the address block it came from.
REPORT_NETWORK_DAYS = 7
# The longest suspension; anything longer is a ban.
SUSPENSION_MAX_DAYS = 365
# How long members can appeal against a decision about a comment, and how often in total.
APPEAL_DAYS = 60
APPEAL_RATES = [(10, 86_400)]
# The maximum number of comments per decision.
DECISION_MAX_COMMENTS = 200
# After how many days without reports a public comment counts as genuine when thresholds are compared. It is
# not learned.
SETTLED_DAYS = 7
# How long a comment that a moderator opened is theirs, unless they decide or open another one.
CLAIM_MINUTES = 10
