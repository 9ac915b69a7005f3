"""Models of comments."""

from comments.models.bookmark import Bookmark
from comments.models.claim import CommentClaim
from comments.models.comment import ERASED, Comment, CommentManager
from comments.models.discussion import Discussion, DiscussionDefaults, Policy, Rules
from comments.models.image import CommentPicture
from comments.models.linked_page import LinkedPage, LinkedPageUse
from comments.models.mention import CommentMention
from comments.models.pending import PendingComment
from comments.models.read_marker import ThreadVisit
from comments.models.revision import CommentRevision
from comments.models.thanks import PostThanks, Thanks

__all__ = [
    "ERASED",
    "Bookmark",
    "Comment",
    "CommentClaim",
    "CommentManager",
    "CommentMention",
    "CommentPicture",
    "CommentRevision",
    "Discussion",
    "DiscussionDefaults",
    "LinkedPage",
    "LinkedPageUse",
    "PendingComment",
    "Policy",
    "PostThanks",
    "Rules",
    "Thanks",
    "ThreadVisit",
]
