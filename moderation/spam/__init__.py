"""What a machine can say about a comment: read once, looked at by small checks, weighed with what moderators taught it.

Nothing here knows the database or a request. `reading` takes the words apart, `rules` are the checks, `learner` is what
decisions change, `memory` remembers hosts and copies, `judge` puts them together.
"""
