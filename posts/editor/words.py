"""The strings of the editor's scripts in the reader's language. They fill in the names in braces."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def editor_strings() -> dict[str, str]:
    return _tools() | _inserts() | _blocks() | _saving() | _messages()


def _tools() -> dict[str, str]:
    return {
        "text": _("Text"),
        "formatting": _("Formatting"),
        "bold": _("Bold"),
        "italic": _("Italic"),
        "strike": _("Strikethrough"),
        "code": pgettext("of a program", "Code"),
        "sub": _("Subscript"),
        "sup": _("Superscript"),
        "clear": _("Clear formatting"),
        "h2": _("Heading"),
        "h3": _("Subheading"),
        "h4": _("Small heading"),
        "quote": _("Quote"),
        "bullets": _("Bulleted list"),
        "numbers": _("Numbered list"),
        "link": _("Link"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "insert": _("Insert"),
        "find": _("Find and replace"),
        "full": _("Full screen"),
        "leaveFull": _("Leave full screen"),
        "more": _("More formatting"),
        "placeholder": _("Write, or type / to insert something."),
        "words": _("{count} words"),
        "word": _("1 word"),
        "minutes": _("{count} minutes to read"),
        "minute": _("1 minute to read"),
    }


def _inserts() -> dict[str, str]:
    return {
        "picture": _("Picture"),
        "pictureHint": _("or several"),
        "gallery": _("Gallery"),
        "galleryHint": _("two to nine pictures"),
        "library": _("Library"),
        "libraryHint": _("what was uploaded before"),
        "video": _("Video"),
        "videoHint": _("YouTube, Vimeo or PeerTube"),
        "table": _("Table"),
        "tableHint": _("rows and columns"),
        "pull": _("Pull quote"),
        "pullHint": _("a sentence in large type"),
        "callout": _("Callout"),
        "calloutHint": _("a box in the text"),
        "codeBlock": _("Code block"),
        "codeBlockHint": _("with its language"),
        "rule": _("Divider"),
        "ruleHint": _("a pause between parts"),
        "footnote": _("Footnote"),
        "footnoteHint": _("a note at the end"),
        "button": _("Button"),
        "buttonHint": _("a prominent link"),
        "bookmark": _("Link card"),
        "bookmarkHint": _("title, site and picture"),
        "file": _("File"),
        "fileHint": _("to download"),
        "audio": _("Audio"),
        "audioHint": _("MP3, M4A, Ogg, WAV or FLAC"),
        "readMore": _("Read more"),
        "readMoreHint": _("lists show the text up to here"),
        "nothing": _("Nothing found."),
    }


def _blocks() -> dict[str, str]:
    """The labels of the fields and buttons of blocks, by their keys in the editor's JavaScript."""
    return {
        "width": _("Width"),
        "shapeText": _("Text width"),
        "shapeWide": _("Wide"),
        "shapeFull": _("Full width"),
        "replace": _("Replace"),
        "remove": _("Remove"),
        "edit": _("Edit"),
        "moveUp": _("Move up"),
        "moveDown": _("Move down"),
        "moveLeft": _("Move left"),
        "moveRight": _("Move right"),
        "alt": _("Alt text"),
        "altHelp": _("Describe the picture for people who can’t see it."),
        "altCount": _("{count} of 250 characters"),
        "caption": _("Caption"),
        "captionHint": _("Write a caption"),
        "addPictures": _("Add pictures"),
        "url": _("Web address"),
        "label": _("Label"),
        "title": _("Title"),
        "description": _("Description"),
        "note": _("Text of the note"),
        "language": _("Language"),
        "plainText": _("Plain text"),
        "header": _("Header row"),
        "rowAbove": _("Row above"),
        "rowBelow": _("Row below"),
        "columnBefore": _("Column before"),
        "columnAfter": _("Column after"),
        "deleteRow": _("Delete row"),
        "deleteColumn": _("Delete column"),
        "merge": _("Merge or split cells"),
        "deleteTable": _("Delete table"),
        "tableTools": _("Table"),
        "asCard": _("Show as a card"),
        "removeLink": _("Remove link"),
        "openLink": _("Open link"),
        "loadsFrom": _("Video, loads from {site} when played"),
        "dragHandle": _("Drag to move"),
    }


def _saving() -> dict[str, str]:
    return {
        "saved": _("Saved"),
        "savedUnpublished": _("Changes saved, not published yet"),
        "saving": _("Saving…"),
        "unsaved": _("Not saved yet"),
        "offline": _(
            "Can’t reach the site. Your text is kept on this device and saved when the connection is back."
        ),
        "keptNowhere": _("Can’t save right now. Copy your text before you close this page."),
        "onDevice": _("There is newer text on this device, from {when}."),
        "restore": _("Restore it"),
        "discard": _("Discard"),
        "discardChanges": _("Discard these changes"),
        "waitingForUploads": _("Waiting for files that are still being uploaded…"),
        "unfinishedOne": _("“{title}” from {when} isn’t saved yet."),
        "unfinishedMore": _("Unsaved changes ({count})"),
        "continueWriting": _("Continue writing"),
        "changedBy": _("{name} changed this post in another window at {when}."),
        "changedHere": _("This post was saved in another window at {when}."),
        "compare": _("Compare"),
        "keepMine": _("Keep my version"),
        "useTheirs": _("Use the other version"),
        "yours": _("Your version"),
        "theirs": _("The other version"),
        "signedOut": _("You’re signed out. Sign in again in another tab; your text is kept here."),
    }


def _messages() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "done": _("Done"),
        "add": _("Add"),
        "close": _("Close"),
        "search": _("Search"),
        "moreResults": _("Show more"),
        "noUploads": _("Nothing here yet. Pictures, recordings and files you add to posts are kept here."),
        "findWhat": _("Find"),
        "replaceWith": _("Replace with"),
        "next": _("Next"),
        "previous": _("Previous"),
        "replaceOne": _("Replace"),
        "replaceAll": _("Replace all"),
        "found": _("{count} found"),
        "foundAt": _("{number} of {count}"),
        "replaced": _("{count} replaced"),
        "uploading": _("Uploading {name}"),
        "fetching": _("Fetching a picture from {name}"),
        "uploadFailed": _("{name} couldn’t be uploaded. Check your connection and try again."),
        "fetchFailed": _("A picture couldn’t be fetched. Save it on your device, then add it as a file."),
        "localPicture": _(
            "{count} of the pasted pictures is only on your device. Add it with the picture button."
        ),
        "localPictures": _(
            "{count} of the pasted pictures are only on your device. Add them with the picture button."
        ),
        "tooManyCells": _(
            "The pasted table has {rows} rows and {columns} columns; a post can have up to {limit} cells. Nothing was inserted. Paste part of it, or add the table as a file."
        ),
        "galleryFull": _("A gallery holds up to nine pictures."),
        "badAddress": _("Enter a web address that begins with https://."),
        "notAVideo": _(
            "This isn’t the address of a video on YouTube, Vimeo or a known PeerTube site. You can add it as a link card."
        ),
        "readFailed": _("Can’t reach the site right now. Try again."),
        "leave": _("Your latest changes aren’t saved yet."),
    }
