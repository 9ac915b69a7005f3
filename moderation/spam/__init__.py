"""The spam engine: a comment is analysed once, checked by small rules, and scored with what moderators taught.

Nothing here knows the database or a request. `reading` takes the words apart, `rules` are the checks, `learner` is what
decisions change, `memory` remembers hosts and copies, `scorer` puts them together.
"""
