"""The spam engine: a comment is analysed once, checked by small rules, and scored with what moderators taught.

Nothing here knows the database or a request. `text` analyses a comment, `rules` yield reasons, `classifier` is trained by
decisions, `history` remembers hosts and near-duplicates, `scorer` puts them together.
"""
